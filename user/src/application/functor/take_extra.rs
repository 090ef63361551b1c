//! An extra member of a request becomes a typed value.

use std::marker::PhantomData;

use dullahan_core::{Before, Context, Listener, Result, Violation};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::{
    application::members::extra_pointer,
    presentation::event::transport::{ValidateAccountChanges, ValidateRegistrationProcess},
};

/// Takes a member out of the extra ones of a request and leaves it, as what it is to be, in the context: there
/// [`Context::get`] finds it, for whatever runs in the same request.
///
/// A value of `null` is as good as none. What cannot be read as the type is refused as `wrong_type`. What an earlier
/// request has left in the same context is taken away.
///
/// ```
/// use dullahan_core::CoreBuilder;
/// use dullahan_user::application::functor::TakeExtra;
/// use dullahan_user::presentation::event::transport::ValidateRegistrationProcess;
///
/// #[derive(Clone, serde::Deserialize)]
/// struct ShoeSize(u8);
///
/// fn register(core: &mut CoreBuilder) {
///     let shoe_size = TakeExtra::<ShoeSize>::named("shoe_size").required();
///     core.event::<ValidateRegistrationProcess>().before(shoe_size);
/// }
/// ```
pub struct TakeExtra<T> {
    name: &'static str,
    is_required: bool,
    value: PhantomData<fn() -> T>,
}

impl<T> TakeExtra<T> {
    /// Takes the member of this name.
    pub const fn named(name: &'static str) -> Self {
        Self { name, is_required: false, value: PhantomData }
    }

    /// Refuses a request that does not have it.
    #[must_use]
    pub const fn required(mut self) -> Self {
        self.is_required = true;
        self
    }
}

impl<T: DeserializeOwned + Clone + Send + Sync + 'static> TakeExtra<T> {
    /// What is wrong with the member, if anything is.
    fn take(&self, context: &Context, extra: &mut Map<String, Value>) -> Option<Violation> {
        context.remove::<T>();
        let violation = |code| Some(Violation::new(extra_pointer(self.name), code));
        match extra.remove(self.name) {
            None | Some(Value::Null) if self.is_required => violation("required"),
            None | Some(Value::Null) => None,
            Some(value) => match serde_json::from_value::<T>(value) {
                Ok(value) => {
                    context.insert(value);
                    None
                }
                Err(_) => violation("wrong_type"),
            },
        }
    }
}

macro_rules! takes_before {
    ($($Event:ident)+) => {$(
        impl<T> Listener<Before<'_, $Event>> for TakeExtra<T>
        where
            T: DeserializeOwned + Clone + Send + Sync + 'static,
        {
            async fn call(&self, mut ev: Before<'_, $Event>) -> Result<()> {
                let mut extra = std::mem::take(&mut ev.request.extra);
                let violation = self.take(ev.context(), &mut extra);
                ev.request.extra = extra;
                violation.into_iter().for_each(|violation| ev.reject(violation));
                Ok(())
            }
        }
    )+};
}

takes_before!(ValidateRegistrationProcess ValidateAccountChanges);

impl<T> std::fmt::Debug for TakeExtra<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TakeExtra").field("name", &self.name).finish_non_exhaustive()
    }
}
