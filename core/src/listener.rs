//! What can listen: bare functions, closures and functors, sync and async, through one registration call.

mod checks;
mod factory;
mod function;
mod functor;
mod options;
mod parameter;
mod shape;
mod signature;
mod tap;

use std::{any::TypeId, sync::Arc};

use self::shape::{Fits, Shape};
pub use self::tap::Tap;
pub use self::{
    functor::{Listener, SyncListener},
    options::{AnyType, Configured, ListenerOptions},
    parameter::Extract,
    shape::{
        Async, Constructor, Functor, Sync, SyncConstructor, SyncFunctor, WithEventOptions,
        WithOptions,
    },
    signature::{IsParameter, check_future, check_parameter, check_result},
};
pub(crate) use self::{options::Options, tap::tapped};
use crate::{
    dispatch::Call,
    phase::Phase,
    phase_name::PhaseName,
    service::{Port, Services},
};

/// Whatever can listen to phase `P`. Implemented for
///
/// - a function or closure, sync or async: `fn(Before<'_, E>) -> Result<()>`, and up to six more parameters:
///   services, `Inject<'_, dyn Port>`, and values of the request, whose types implement [`Extract`];
/// - a functor: a value that implements [`Listener<Before<'_, E>>`](Listener), or [`SyncListener`] if it waits for
///   nothing;
/// - a functor's constructor, such as `CreateUser::new`, with up to eight parameters of the form
///   `Arc<dyn Port>`, called once when the core is sealed.
///
/// `Marker` tells the forms apart and is always inferred.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot listen to `{P}`",
    label = "not a listener of `{P}`",
    note = "a function listens if it returns `dullahan_core::Result<..>`, sync or async, and takes its handle and at most six \
            services",
    note = "a functor listens if it implements `Listener<..>` for the handle of this phase and this event, as in \
            `Listener<Before<'_, E>>`; its constructor takes `Arc<dyn Port>`, at most eight",
    note = "an async closure that captures something cannot listen: make it a functor"
)]
pub trait IntoListener<P: Phase, Marker>: Sized {
    /// Makes the listener ready to be registered.
    #[doc(hidden)]
    fn into_candidate(self) -> Candidate;
}

/// One implementation for all forms, so that the compiler names the one thing that keeps a value from listening.
impl<P: Phase, Marker, L> IntoListener<P, Marker> for L
where
    L: Shape<P, Marker>,
    <L as Shape<P, Marker>>::Itself: Fits<P, Marker>,
{
    fn into_candidate(self) -> Candidate {
        self.itself().into_candidate()
    }
}

/// A listener that has not got its services yet.
#[doc(hidden)]
pub struct Candidate {
    pub(crate) phase: PhaseName,
    /// The path of the function or functor; `None` for closures, function pointers and boxed functions.
    pub(crate) name: Option<&'static str>,
    /// Equal for two registrations of the same function, constructor or stateless functor; `None` for a listener
    /// whose type does not tell which one it is, such as a closure, a function pointer or a functor with settings.
    pub(crate) identity: Option<TypeId>,
    pub(crate) ports: Vec<Port>,
    pub(crate) source: Source,
    pub(crate) options: Options,
}

/// Where a listener comes from.
#[derive(Clone)]
pub(crate) struct Source {
    make: Make,
    made: Option<Call>,
}

/// How a listener is made: when a core is sealed, and never before the whole wiring was found to be sound.
#[derive(Clone)]
enum Make {
    /// It is there.
    Ready(Call),
    /// Of its services; `None` when one of them is missing.
    Of(Arc<MakeCall>),
}

type MakeCall = dyn Fn(&Services) -> Option<Call> + Send + std::marker::Sync;

impl Source {
    /// A listener that is there.
    pub(crate) fn ready(call: Call) -> Self {
        Self { make: Make::Ready(call), made: None }
    }

    /// A listener that is made of its services; `None` when one of them is missing.
    pub(crate) fn of(
        make: impl Fn(&Services) -> Option<Call> + Send + std::marker::Sync + 'static,
    ) -> Self {
        Self { make: Make::Of(Arc::new(make)), made: None }
    }

    /// The listener. Once it is made it stays the same one, for every core that has it.
    pub(crate) fn listener(&mut self, services: &Services) -> Option<Call> {
        if self.made.is_none() {
            self.made = match &self.make {
                Make::Ready(call) => Some(call.clone()),
                Make::Of(make) => make(services),
            };
        }
        self.made.clone()
    }

    /// Forgets the listener, so that it is made anew.
    pub(crate) fn forget(&mut self) {
        self.made = None;
    }
}

impl std::fmt::Debug for Candidate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Candidate").field("name", &self.name).finish_non_exhaustive()
    }
}

/// The path of a function or functor; a closure has none that would tell it from the next one.
///
/// A function that stands in a closure, or in an `async fn`, has a path with a closure in it and is none.
fn name_of<T: ?Sized>() -> Option<&'static str> {
    const CLOSURE: &str = "{{closure}}";
    let name = std::any::type_name::<T>();
    let is_made_of_one = || name.split_once('<').is_some_and(|(_, inner)| inner.contains(CLOSURE));
    (!name.ends_with(CLOSURE) && !is_made_of_one()).then_some(name)
}

/// The path of a function. Function pointers and boxed functions have none: their type is that of many functions.
pub(crate) fn path_of_function<F>() -> Option<&'static str> {
    if size_of::<F>() == 0 { name_of::<F>() } else { None }
}

/// What tells a value of this type from others: its type, if the type has only one value.
fn identity_of<T: 'static>() -> Option<TypeId> {
    (size_of::<T>() == 0).then(TypeId::of::<T>)
}
