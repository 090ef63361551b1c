//! Bare functions and closures, sync and async.
//!
//! A function is called through a helper trait with one lifetime, because `for<'a> Fn(P::Handle<'a>) -> Fut`
//! cannot name a future that depends on `'a`, while `for<'a> AsyncFunction<'a, ..>` can.

use std::{marker::PhantomData, sync::Arc};

use super::{
    Async, Candidate, Options, Source, Sync,
    checks::{
        By, ForAnyThread, Gives, HandleFor, IsResult, IsThere, NoParameter, Parameter, SendFuture,
    },
    identity_of,
    parameter::{Slot, Slots},
    path_of_function,
    shape::Fits,
};
use crate::{
    dispatch::{AsyncCall, Call, Context, Invocation, SyncCall},
    error::Result,
    future::BoxFuture,
    phase::{Invocable, Phase},
    service::{Port, Services},
};

/// A sync function, for one lifetime of the handle.
trait SyncFunction<'a, P: Phase, S> {
    fn call(
        &'a self,
        handle: P::Handle<'a>,
        context: &'a Context,
        slots: &'a S,
    ) -> Result<P::Return>;
}

/// An async function, for one lifetime of the handle.
trait AsyncFunction<'a, P: Invocable, S> {
    fn call(
        &'a self,
        handle: P::Handle<'a>,
        answer: P::Answer<'a>,
        context: &'a Context,
        slots: &'a S,
    ) -> BoxFuture<'a, Result<()>>;
}

/// A function and where its parameters come from, ready to be called in a phase.
struct Bound<P, F, S> {
    function: F,
    slots: S,
    phase: PhantomData<fn() -> P>,
}

impl<P, F, S> Bound<P, F, S> {
    fn new(function: F, slots: S) -> Self {
        Self { function, slots, phase: PhantomData }
    }
}

impl<P: Invocable, F, S: Slots> SyncCall for Bound<P, F, S>
where
    F: for<'a> SyncFunction<'a, P, S> + Send + std::marker::Sync,
{
    #[inline]
    fn call(&self, invocation: Invocation<'_>) -> Result<()> {
        let context = invocation.scope.context;
        let (handle, answer) = P::handle(invocation);
        P::answer(answer, F::call(&self.function, handle, context, &self.slots)?);
        Ok(())
    }
}

impl<P: Invocable, F, S: Slots> AsyncCall for Bound<P, F, S>
where
    F: for<'a> AsyncFunction<'a, P, S> + Send + std::marker::Sync,
{
    fn call<'a>(&'a self, invocation: Invocation<'a>) -> BoxFuture<'a, Result<()>> {
        let context = invocation.scope.context;
        let (handle, answer) = P::handle(invocation);
        F::call(&self.function, handle, answer, context, &self.slots)
    }
}

/// A function that is shared with overlays, which give it other services.
struct Shared<F>(Arc<F>);

impl<'a, P: Invocable, F, S> SyncFunction<'a, P, S> for Shared<F>
where
    F: SyncFunction<'a, P, S>,
{
    #[inline]
    fn call(
        &'a self,
        handle: P::Handle<'a>,
        context: &'a Context,
        slots: &'a S,
    ) -> Result<P::Return> {
        F::call(&self.0, handle, context, slots)
    }
}

impl<'a, P: Invocable, F, S> AsyncFunction<'a, P, S> for Shared<F>
where
    F: AsyncFunction<'a, P, S>,
{
    fn call(
        &'a self,
        handle: P::Handle<'a>,
        answer: P::Answer<'a>,
        context: &'a Context,
        slots: &'a S,
    ) -> BoxFuture<'a, Result<()>> {
        F::call(&self.0, handle, answer, context, slots)
    }
}

/// Where a function comes from: it is there at once, unless it waits for services.
macro_rules! source {
    ($call:ident $function:ident) => {
        Source::ready(Call::$call(Arc::new(Bound::<P, _, _>::new($function, ()))))
    };
    ($call:ident $function:ident $($slot:ident)+) => {{
        let function = Arc::new($function);
        Source::of(move |services| {
            let slots = <slots!($($slot),*)>::resolve(services)?;
            let function = Shared(Arc::clone(&function));
            Some(Call::$call(Arc::new(Bound::<P, _, _>::new(function, slots))))
        })
    }};
}

/// The slots of a function that takes these parameters.
macro_rules! slots {
    ($($parameter:ident),*) => { ($(<$parameter as Parameter>::Slot,)*) };
}

/// The type that each of these services has passed on.
macro_rules! passed {
    ($passed:ty;) => { $passed };
    ($passed:ty; $service:ident $($others:ident)*) => {
        <$service as Parameter>::Then<passed!($passed; $($others)*)>
    };
}

/// The value that each of these services has passed on.
macro_rules! pass {
    ($value:expr;) => { $value };
    ($value:expr; $service:ident $($others:ident)*) => {
        <$service as Parameter>::pass(pass!($value; $($others)*))
    };
}

/// What the handle passes on.
type AfterHandle<P, H, T> = <H as HandleFor<P>>::Then<T>;

/// Implements [`Fits`] and the helper traits for functions with as many services as there are names.
macro_rules! function {
    ($($slot:ident $item:ident $index:tt),*) => {
        impl<$($slot: Slot),*> Slots for ($($slot,)*) {
            fn ports() -> Vec<Port> {
                let ports: &[Option<Port>] = &[$($slot::port()),*];
                ports.iter().flatten().copied().collect()
            }

            fn resolve(_services: &Services) -> Option<Self> {
                Some(($($slot::resolve(_services)?,)*))
            }
        }

        impl<'a, P, F, $($slot),*> SyncFunction<'a, P, ($($slot,)*)> for F
        where
            P: Phase,
            F: Fn(P::Handle<'a>, $($slot::Item<'a>),*) -> Result<P::Return>,
            $($slot: Slot,)*
        {
            #[inline]
            fn call(
                &'a self,
                handle: P::Handle<'a>,
                _context: &'a Context,
                _slots: &'a ($($slot,)*),
            ) -> Result<P::Return> {
                self(handle, $(_slots.$index.item(_context)?),*)
            }
        }

        impl<'a, P, F, R, $($slot),*> AsyncFunction<'a, P, ($($slot,)*)> for F
        where
            P: Invocable,
            F: Fn(P::Handle<'a>, $($slot::Item<'a>),*) -> R,
            R: Future<Output = Result<P::Return>> + Send + 'a,
            $($slot: Slot,)*
        {
            fn call(
                &'a self,
                handle: P::Handle<'a>,
                answer: P::Answer<'a>,
                _context: &'a Context,
                _slots: &'a ($($slot,)*),
            ) -> BoxFuture<'a, Result<()>> {
                $(let $item = match _slots.$index.item(_context) {
                    Ok(item) => item,
                    Err(error) => return Box::pin(std::future::ready(Err(error))),
                };)*
                let returned = self(handle, $($item),*);
                Box::pin(async move {
                    P::answer(answer, returned.await?);
                    Ok(())
                })
            }
        }

        impl<P, F, Handle, R, $($slot),*> Fits<P, Sync<(Handle, $($slot,)*), R>> for F
        where
            P: Invocable,
            Handle: HandleFor<P>,
            $($slot: Parameter,)*
            AfterHandle<P, Handle, R>: IsResult,
            <AfterHandle<P, Handle, R> as IsResult>::Then<Gives<P::Return>>: By<R, P::Return>,
            F: ForAnyThread + 'static,
            <<AfterHandle<P, Handle, R> as IsResult>::Then<Gives<P::Return>> as By<R, P::Return>>::Then<
                passed!(<F as ForAnyThread>::Then<F>; $($slot)*)
            >: for<'a> SyncFunction<'a, P, slots!($($slot),*)> + Send + std::marker::Sync + 'static,
        {
            fn into_candidate(self) -> Candidate {
                let function = pass!(<F as ForAnyThread>::pass(self); $($slot)*);
                let function =
                    <<AfterHandle<P, Handle, R> as IsResult>::Then<Gives<P::Return>> as By<R, P::Return>>::pass(
                        function,
                    );
                let name = path_of_function::<F>();
                Candidate {
                    phase: P::NAME,
                    name,
                    identity: name.and_then(|_| identity_of::<F>()),
                    ports: <slots!($($slot),*)>::ports(),
                    source: source!(Sync function $($slot)*),
                    options: Options::default(),
                }
            }
        }

        impl<P, F, Handle, R, $($slot),*> Fits<P, Async<(Handle, $($slot,)*), R>> for F
        where
            P: Invocable,
            Handle: HandleFor<P>,
            $($slot: Parameter,)*
            R: Future,
            AfterHandle<P, Handle, R>: SendFuture,
            <AfterHandle<P, Handle, R> as SendFuture>::Then<Gives<P::Return>>: By<R::Output, P::Return>,
            F: ForAnyThread + 'static,
            <<AfterHandle<P, Handle, R> as SendFuture>::Then<Gives<P::Return>> as By<R::Output, P::Return>>::Then<
                passed!(<F as ForAnyThread>::Then<F>; $($slot)*)
            >: for<'a> AsyncFunction<'a, P, slots!($($slot),*)> + Send + std::marker::Sync + 'static,
        {
            fn into_candidate(self) -> Candidate {
                let function = pass!(<F as ForAnyThread>::pass(self); $($slot)*);
                let function =
                    <<AfterHandle<P, Handle, R> as SendFuture>::Then<Gives<P::Return>> as By<R::Output, P::Return>>::pass(function);
                let name = path_of_function::<F>();
                Candidate {
                    phase: P::NAME,
                    name,
                    identity: name.and_then(|_| identity_of::<F>()),
                    ports: <slots!($($slot),*)>::ports(),
                    source: source!(Async function $($slot)*),
                    options: Options::default(),
                }
            }
        }
    };
}

function!();
function!(A a 0);
function!(A a 0, B b 1);
function!(A a 0, B b 1, C c 2);
function!(A a 0, B b 1, C c 2, D d 3);
function!(A a 0, B b 1, C c 2, D d 3, G g 4);
function!(A a 0, B b 1, C c 2, D d 3, G g 4, H h 5);

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
