//! Services: the adapters behind the ports that listeners ask for.

use std::{
    any::{Any, TypeId, type_name},
    collections::HashMap,
    fmt,
    ops::Deref,
    sync::Arc,
};

use serde::{Serialize, Serializer};

/// A service as a parameter of a bare function: `Inject<'_, dyn Port>`. It dereferences to the port.
///
/// Borrowed from the sealed core, so that a call counts no reference. A functor that keeps its ports as
/// fields takes `Arc<dyn Port>` in its constructor instead.
///
/// ```
/// use dullahan_core::{Before, Event, Inject, Result, Violation};
///
/// trait Captcha: Send + Sync {
///     fn solved(&self, answer: &str) -> bool;
/// }
///
/// #[derive(Event)]
/// struct AcceptPayload {
///     answer: String,
/// }
///
/// async fn captcha(
///     mut ev: Before<'_, AcceptPayload>,
///     captcha: Inject<'_, dyn Captcha>,
/// ) -> Result<()> {
///     if !captcha.solved(&ev.answer) {
///         ev.reject(Violation::new("/answer", "wrong"));
///     }
///     Ok(())
/// }
/// ```
pub struct Inject<'a, T: ?Sized>(pub(crate) &'a T);

impl<T: ?Sized> Deref for Inject<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        self.0
    }
}

impl<T: ?Sized> Clone for Inject<'_, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Inject<'_, T> {}

impl<T: ?Sized> fmt::Debug for Inject<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Inject<{}>", type_name::<T>())
    }
}

/// The services of a core, one for each port, found by the port's type.
#[derive(Default, Clone)]
pub struct Services {
    by_port: HashMap<TypeId, Provided>,
}

#[derive(Clone)]
struct Provided {
    port: &'static str,
    /// An `Arc<T>`, where `T` is the port.
    service: Arc<dyn Any + Send + Sync>,
}

/// A port that a listener asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    id: TypeId,
    name: &'static str,
}

impl Port {
    pub(crate) fn of<T: ?Sized + 'static>() -> Self {
        Self { id: TypeId::of::<T>(), name: type_name::<T>() }
    }

    pub(crate) fn id(&self) -> TypeId {
        self.id
    }

    /// The path of its type, such as `dyn my_app::port::Captcha`. Parts of it may be private modules.
    pub fn name(&self) -> &'static str {
        self.name
    }
}

impl Serialize for Port {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl Services {
    /// The service behind a port.
    pub fn get<T: ?Sized + Send + Sync + 'static>(&self) -> Option<Arc<T>> {
        self.by_port.get(&TypeId::of::<T>())?.service.downcast_ref::<Arc<T>>().cloned()
    }

    /// The names of all ports that have a service, sorted.
    pub fn names(&self) -> Vec<&'static str> {
        let mut names: Vec<_> = self.by_port.values().map(|provided| provided.port).collect();
        names.sort_unstable();
        names
    }

    pub(crate) fn has(&self, port: Port) -> bool {
        self.by_port.contains_key(&port.id)
    }

    /// Adds others, in the place of those of the same port.
    pub(crate) fn extend(&mut self, others: &Self) {
        self.by_port.extend(others.by_port.iter().map(|(port, one)| (*port, one.clone())));
    }

    pub(crate) fn insert<T: ?Sized + Send + Sync + 'static>(&mut self, service: Arc<T>) {
        let provided = Provided { port: type_name::<T>(), service: Arc::new(service) };
        self.by_port.insert(TypeId::of::<T>(), provided);
    }
}

impl fmt::Debug for Services {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Services").field(&self.names()).finish()
    }
}
