//! What a function may take after its handle: services, and values of the request.

use std::{marker::PhantomData, sync::Arc};

use crate::{
    dispatch::context::{Context, Principal},
    error::{Error, ErrorKind, Result},
    service::{Inject, Port, Services},
};

/// A value of the request that a listener takes as a parameter: the tenant, the signed-in user.
///
/// It is made from the context each time the listener is called.
///
/// ```
/// use dullahan_core::{Before, Context, Error, ErrorKind, Event, Extract, Result};
///
/// #[derive(Clone)]
/// struct Tenant(String);
///
/// impl Extract for Tenant {
///     fn extract(context: &Context) -> Result<Self> {
///         context.get().ok_or_else(|| Error::new(ErrorKind::NotFound).with_code("tenant_unknown"))
///     }
/// }
///
/// #[derive(Event)]
/// struct CreateProject {
///     folder: String,
/// }
///
/// fn below_the_tenant(mut ev: Before<'_, CreateProject>, Tenant(name): Tenant) -> Result<()> {
///     ev.folder.insert_str(0, &format!("{name}/"));
///     Ok(())
/// }
/// ```
///
/// A [`Principal`] is extracted too: `principal: Principal` fails as [`Unauthenticated`](ErrorKind::Unauthenticated) if
/// nobody is signed in, `principal: Option<Principal>` does not.
///
/// What has to be awaited, a look-up in a database, for example, is done once, by a listener or at the edge, which
/// [inserts](Context::insert) it for the listeners after it.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be extracted from the context",
    note = "implement `Extract` for it: `fn extract(context: &Context) -> Result<Self>`"
)]
pub trait Extract: Sized + Send + 'static {
    /// Makes the value.
    ///
    /// # Errors
    ///
    /// When the context does not hold what the value is made of. The listener fails with this error and is not called.
    fn extract(context: &Context) -> Result<Self>;
}

impl Extract for Principal {
    fn extract(context: &Context) -> Result<Self> {
        context.principal().ok_or_else(|| Error::new(ErrorKind::Unauthenticated))
    }
}

impl Extract for Option<Principal> {
    fn extract(context: &Context) -> Result<Self> {
        Ok(context.principal())
    }
}

/// Where a parameter of a function comes from, for as long as the core lives.
pub(super) trait Slot: Send + Sync + Sized + 'static {
    /// The parameter, in one call.
    type Item<'a>: Send;

    /// The port that it needs a service of.
    fn port() -> Option<Port>;

    /// Made when the core is sealed; `None` if its service is missing.
    fn resolve(services: &Services) -> Option<Self>;

    /// The parameter of one call.
    fn item<'a>(&'a self, context: &'a Context) -> Result<Self::Item<'a>>;
}

impl<P: ?Sized + Send + Sync + 'static> Slot for Arc<P> {
    type Item<'a> = Inject<'a, P>;

    fn port() -> Option<Port> {
        Some(Port::of::<P>())
    }

    fn resolve(services: &Services) -> Option<Self> {
        services.get()
    }

    #[inline]
    fn item<'a>(&'a self, _context: &'a Context) -> Result<Inject<'a, P>> {
        Ok(Inject(self))
    }
}

/// The slot of a parameter that is [extracted](Extract).
pub(super) struct Extracted<T>(PhantomData<fn() -> T>);

impl<T: Extract> Slot for Extracted<T> {
    type Item<'a> = T;

    fn port() -> Option<Port> {
        None
    }

    fn resolve(_services: &Services) -> Option<Self> {
        Some(Self(PhantomData))
    }

    fn item<'a>(&'a self, context: &'a Context) -> Result<T> {
        T::extract(context)
    }
}

/// The slots of a function, in the order of its parameters.
pub(super) trait Slots: Send + Sync + Sized + 'static {
    fn ports() -> Vec<Port>;
    fn resolve(services: &Services) -> Option<Self>;
}
