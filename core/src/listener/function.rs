//! Bare functions and closures, sync and async.
//!
//! A function is called through a helper trait with one lifetime, because `for<'a> Fn(P::Handle<'a>) -> Fut`
//! cannot name a future that depends on `'a`, while `for<'a> AsyncFunction<'a, ..>` can.

use std::{marker::PhantomData, sync::Arc};

use super::{
    Async, Candidate, Options, Source, Sync,
    checks::{
        By, ForAnyThread, Gives, HandleFor, IsResult, IsThere, NoParameter, SendFuture,
        ServiceParameter,
    },
    identity_of, path_of_function,
    shape::Fits,
};
use crate::{
    dispatch::{AsyncCall, Call, SyncCall, Turn},
    error::Result,
    future::BoxFuture,
    phase::{Phase, TakesTurn},
    service::{Inject, Port, Services},
};

/// The services of a function, held for as long as the core lives.
trait Ports: Send + std::marker::Sync + Sized + 'static {
    fn list() -> Vec<Port>;
    fn resolve(services: &Services) -> Option<Self>;
}

/// A sync function, for one lifetime of the handle.
trait SyncFunction<'a, P: Phase, S> {
    fn call(&'a self, handle: P::Handle<'a>, services: &'a S) -> Result<P::Return>;
}

/// An async function, for one lifetime of the handle.
trait AsyncFunction<'a, P: TakesTurn, S> {
    fn call(
        &'a self,
        handle: P::Handle<'a>,
        answer: P::Answer<'a>,
        services: &'a S,
    ) -> BoxFuture<'a, Result<()>>;
}

/// A function and its services, ready to be called in a phase.
struct Bound<P, F, S> {
    function: F,
    services: S,
    phase: PhantomData<fn() -> P>,
}

impl<P, F, S> Bound<P, F, S> {
    fn new(function: F, services: S) -> Self {
        Self { function, services, phase: PhantomData }
    }
}

impl<P: TakesTurn, F, S: Ports> SyncCall for Bound<P, F, S>
where
    F: for<'a> SyncFunction<'a, P, S> + Send + std::marker::Sync,
{
    #[inline]
    fn call(&self, turn: Turn<'_>) -> Result<()> {
        let (handle, answer) = P::handle(turn);
        P::answer(answer, F::call(&self.function, handle, &self.services)?);
        Ok(())
    }
}

impl<P: TakesTurn, F, S: Ports> AsyncCall for Bound<P, F, S>
where
    F: for<'a> AsyncFunction<'a, P, S> + Send + std::marker::Sync,
{
    fn call<'a>(&'a self, turn: Turn<'a>) -> BoxFuture<'a, Result<()>> {
        let (handle, answer) = P::handle(turn);
        F::call(&self.function, handle, answer, &self.services)
    }
}

/// A function that is shared with overlays, which give it other services.
struct Shared<F>(Arc<F>);

impl<'a, P: TakesTurn, F, S> SyncFunction<'a, P, S> for Shared<F>
where
    F: SyncFunction<'a, P, S>,
{
    #[inline]
    fn call(&'a self, handle: P::Handle<'a>, services: &'a S) -> Result<P::Return> {
        F::call(&self.0, handle, services)
    }
}

impl<'a, P: TakesTurn, F, S> AsyncFunction<'a, P, S> for Shared<F>
where
    F: AsyncFunction<'a, P, S>,
{
    fn call(
        &'a self,
        handle: P::Handle<'a>,
        answer: P::Answer<'a>,
        services: &'a S,
    ) -> BoxFuture<'a, Result<()>> {
        F::call(&self.0, handle, answer, services)
    }
}

/// Where a function comes from: it is there at once, unless it waits for services.
macro_rules! source {
    ($call:ident $function:ident) => {
        Source::ready(Call::$call(Arc::new(Bound::<P, _, _>::new($function, ()))))
    };
    ($call:ident $function:ident $($port:ident)+) => {{
        let function = Arc::new($function);
        Source::of(move |services| {
            let services = <ports!($($port),*)>::resolve(services)?;
            let function = Shared(Arc::clone(&function));
            Some(Call::$call(Arc::new(Bound::<P, _, _>::new(function, services))))
        })
    }};
}

/// The ports of a function that takes these services.
macro_rules! ports {
    ($($service:ident),*) => { ($(Arc<<$service as ServiceParameter>::Port>,)*) };
}

/// The type that each of these services has passed on.
macro_rules! passed {
    ($passed:ty;) => { $passed };
    ($passed:ty; $service:ident $($others:ident)*) => {
        <$service as ServiceParameter>::Then<passed!($passed; $($others)*)>
    };
}

/// The value that each of these services has passed on.
macro_rules! pass {
    ($value:expr;) => { $value };
    ($value:expr; $service:ident $($others:ident)*) => {
        <$service as ServiceParameter>::pass(pass!($value; $($others)*))
    };
}

/// What the handle passes on.
type AfterHandle<P, H, T> = <H as HandleFor<P>>::Then<T>;

/// Implements [`Fits`] and the helper traits for functions with as many services as there are names.
macro_rules! function {
    ($($port:ident $index:tt),*) => {
        impl<$($port: ?Sized + Send + std::marker::Sync + 'static),*> Ports for ($(Arc<$port>,)*) {
            fn list() -> Vec<Port> {
                vec![$(Port::of::<$port>()),*]
            }

            fn resolve(_services: &Services) -> Option<Self> {
                Some(($(_services.get::<$port>()?,)*))
            }
        }

        impl<'a, P, F, $($port),*> SyncFunction<'a, P, ($(Arc<$port>,)*)> for F
        where
            P: Phase,
            F: Fn(P::Handle<'a>, $(Inject<'a, $port>),*) -> Result<P::Return>,
            $($port: ?Sized + Send + std::marker::Sync + 'static,)*
        {
            #[inline]
            fn call(
                &'a self,
                handle: P::Handle<'a>,
                _services: &'a ($(Arc<$port>,)*),
            ) -> Result<P::Return> {
                self(handle, $(Inject(&*_services.$index)),*)
            }
        }

        impl<'a, P, F, R, $($port),*> AsyncFunction<'a, P, ($(Arc<$port>,)*)> for F
        where
            P: TakesTurn,
            F: Fn(P::Handle<'a>, $(Inject<'a, $port>),*) -> R,
            R: Future<Output = Result<P::Return>> + Send + 'a,
            $($port: ?Sized + Send + std::marker::Sync + 'static,)*
        {
            fn call(
                &'a self,
                handle: P::Handle<'a>,
                answer: P::Answer<'a>,
                _services: &'a ($(Arc<$port>,)*),
            ) -> BoxFuture<'a, Result<()>> {
                let returned = self(handle, $(Inject(&*_services.$index)),*);
                Box::pin(async move {
                    P::answer(answer, returned.await?);
                    Ok(())
                })
            }
        }

        impl<P, F, Handle, R, $($port),*> Fits<P, Sync<(Handle, $($port,)*), R>> for F
        where
            P: TakesTurn,
            Handle: HandleFor<P>,
            $($port: ServiceParameter,)*
            AfterHandle<P, Handle, R>: IsResult,
            <AfterHandle<P, Handle, R> as IsResult>::Then<Gives<P::Return>>: By<R, P::Return>,
            F: ForAnyThread + 'static,
            <<AfterHandle<P, Handle, R> as IsResult>::Then<Gives<P::Return>> as By<R, P::Return>>::Then<
                passed!(<F as ForAnyThread>::Then<F>; $($port)*)
            >: for<'a> SyncFunction<'a, P, ports!($($port),*)> + Send + std::marker::Sync + 'static,
        {
            fn into_candidate(self) -> Candidate {
                let function = pass!(<F as ForAnyThread>::pass(self); $($port)*);
                let function =
                    <<AfterHandle<P, Handle, R> as IsResult>::Then<Gives<P::Return>> as By<R, P::Return>>::pass(
                        function,
                    );
                let name = path_of_function::<F>();
                Candidate {
                    phase: P::NAME,
                    name,
                    identity: name.and_then(|_| identity_of::<F>()),
                    ports: <ports!($($port),*)>::list(),
                    source: source!(Sync function $($port)*),
                    options: Options::default(),
                }
            }
        }

        impl<P, F, Handle, R, $($port),*> Fits<P, Async<(Handle, $($port,)*), R>> for F
        where
            P: TakesTurn,
            Handle: HandleFor<P>,
            $($port: ServiceParameter,)*
            R: Future,
            AfterHandle<P, Handle, R>: SendFuture,
            <AfterHandle<P, Handle, R> as SendFuture>::Then<Gives<P::Return>>: By<R::Output, P::Return>,
            F: ForAnyThread + 'static,
            <<AfterHandle<P, Handle, R> as SendFuture>::Then<Gives<P::Return>> as By<R::Output, P::Return>>::Then<
                passed!(<F as ForAnyThread>::Then<F>; $($port)*)
            >: for<'a> AsyncFunction<'a, P, ports!($($port),*)> + Send + std::marker::Sync + 'static,
        {
            fn into_candidate(self) -> Candidate {
                let function = pass!(<F as ForAnyThread>::pass(self); $($port)*);
                let function =
                    <<AfterHandle<P, Handle, R> as SendFuture>::Then<Gives<P::Return>> as By<R::Output, P::Return>>::pass(function);
                let name = path_of_function::<F>();
                Candidate {
                    phase: P::NAME,
                    name,
                    identity: name.and_then(|_| identity_of::<F>()),
                    ports: <ports!($($port),*)>::list(),
                    source: source!(Async function $($port)*),
                    options: Options::default(),
                }
            }
        }
    };
}

function!();
function!(A 0);
function!(A 0, B 1);
function!(A 0, B 1, C 2);
function!(A 0, B 1, C 2, D 3);
function!(A 0, B 1, C 2, D 3, G 4);
function!(A 0, B 1, C 2, D 3, G 4, H 5);

impl<P: Phase, F, R> Fits<P, Sync<(), R>> for F
where
    NoParameter: IsThere<P>,
{
    fn into_candidate(self) -> Candidate {
        NoParameter::never()
    }
}

impl<P: Phase, F, R> Fits<P, Async<(), R>> for F
where
    NoParameter: IsThere<P>,
{
    fn into_candidate(self) -> Candidate {
        NoParameter::never()
    }
}
