//! What is asked of each part of a function that is to listen, with what the compiler says where it does not fit.
//!
//! Each trait passes a type on unchanged, and most of them a value of it. What is asked next is asked of a type that was passed on, and the compiler
//! asks nothing of a type that it could not pass on: so it reports the first part that does not fit, and only that.

use std::{marker::PhantomData, sync::Arc};

use super::parameter::{Extract, Extracted, Slot};
use crate::{
    event::Event,
    phase::{
        After, AfterPhase, Before, BeforeAny, BeforeAnyPhase, BeforePhase, Committed,
        CommittedPhase, DefaultAction, DefaultActionPhase, Observe, ObserveAny, ObserveAnyPhase,
        ObservePhase, RolledBack, RolledBackPhase, Wrap, WrapAny, WrapAnyPhase, WrapPhase,
    },
    service::Inject,
};

/// The first parameter: the handle of the phase and the event.
#[diagnostic::on_unimplemented(
    message = "the first parameter of this listener is `{Self}`, where the handle of `{P}` is needed",
    label = "its first parameter does not fit",
    note = "the handle of `BeforePhase<E>` is `Before<'_, E>`, by value, that of `DefaultActionPhase<E>` is `DefaultAction<'_, E>`, and so on"
)]
pub(super) trait HandleFor<P> {
    type Then<T>;
}

/// Stands for the first parameter of a function that has none.
pub(super) struct NoParameter;

/// A first parameter that is there.
#[diagnostic::on_unimplemented(
    message = "this listener has no parameters, so nothing says what it listens to",
    label = "it has no parameters",
    note = "the first parameter is the handle of `{P}`: that of `BeforePhase<E>` is `Before<'_, E>`, by value, that of \
            `DefaultActionPhase<E>` is `DefaultAction<'_, E>`, and so on"
)]
pub(super) trait IsThere<P> {
    fn never<T>() -> T;
}

/// Each parameter after the first one: a service, or a value of the request.
#[diagnostic::on_unimplemented(
    message = "a parameter of this listener is `{Self}`, which is neither a service nor a value of the request",
    label = "one of its parameters is neither a service nor a value of the request",
    note = "after its handle a function takes at most six parameters: services, as in `mailer: Inject<'_, dyn Mailer>`, and \
            types that implement `dullahan_core::Extract`",
    note = "an `Arc<dyn Mailer>` is for the constructor of a functor: a struct with its ports as fields"
)]
pub(super) trait Parameter {
    type Slot: Slot;
    type Then<T>;
    fn pass<T>(value: T) -> Self::Then<T>;
}

/// Stands for a listener that has to give this output.
pub(super) struct Gives<Output>(PhantomData<Output>);

/// What a function returns, or its future.
#[diagnostic::on_unimplemented(
    message = "this listener returns `{Returned}`, where `dullahan_core::Result<{Output}>` is needed",
    label = "it returns another type",
    note = "a default action and a wrap return the output of the event, every other listener returns `()`, both in a \
            `dullahan_core::Result`"
)]
pub(super) trait By<Returned, Output> {
    type Then<T>;
    fn pass<T>(value: T) -> Self::Then<T>;
}

/// What a sync function returns.
pub(super) trait IsResult {
    type Then<T>;
}

/// The future of an async function, which may be sent to another thread.
pub(super) trait SendFuture {
    type Then<T>;
}

/// A function or closure, which may be called by any thread.
pub(super) trait ForAnyThread {
    type Then<T>;
    fn pass<T>(value: T) -> Self::Then<T>;
}

macro_rules! pass {
    () => {
        type Then<T> = T;

        fn pass<T>(value: T) -> T {
            value
        }
    };
}

macro_rules! handles {
    ($($handle:ident $phase:ident),*) => {
        $(#[diagnostic::do_not_recommend]
        impl<E: Event> HandleFor<$phase<E>> for $handle<'_, E> {
            type Then<T> = T;
        })*
    };
}

handles!(
    Before BeforePhase,
    Wrap WrapPhase,
    DefaultAction DefaultActionPhase,
    After AfterPhase,
    Observe ObservePhase,
    Committed CommittedPhase,
    RolledBack RolledBackPhase
);

macro_rules! handles_of_any {
    ($($handle:ident $phase:ident),*) => {
        $(#[diagnostic::do_not_recommend]
        impl HandleFor<$phase> for $handle<'_> {
            type Then<T> = T;
        })*
    };
}

handles_of_any!(BeforeAny BeforeAnyPhase, WrapAny WrapAnyPhase, ObserveAny ObserveAnyPhase);

#[diagnostic::do_not_recommend]
impl<Port: ?Sized + Send + Sync + 'static> Parameter for Inject<'_, Port> {
    type Slot = Arc<Port>;
    pass!();
}

#[diagnostic::do_not_recommend]
impl<Value: Extract> Parameter for Value {
    type Slot = Extracted<Value>;
    pass!();
}

#[diagnostic::do_not_recommend]
impl<Output> By<crate::error::Result<Output>, Output> for Gives<Output> {
    pass!();
}

impl<T, E> IsResult for Result<T, E> {
    type Then<K> = K;
}

impl<F: Future + Send> SendFuture for F {
    type Then<T> = T;
}

impl<F: Send + Sync + 'static> ForAnyThread for F {
    pass!();
}
