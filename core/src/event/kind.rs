//! What kind of hook an event is, as a value and as a type.

use std::marker::PhantomData;

use serde::Serialize;

use super::Event;

/// The kinds of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// A plain hook inside a saga or a process.
    Event,
    /// A unit of work: commits whole or rolls back whole.
    Process,
    /// What one outside request asks for.
    Saga,
}

impl Kind {
    /// The kind of an event type.
    ///
    /// ```
    /// use dullahan_core::{event::Kind, Process};
    ///
    /// #[derive(Process)]
    /// struct CreateUserProcess;
    ///
    /// assert_eq!(Kind::of::<CreateUserProcess>(), Kind::Process);
    /// ```
    pub const fn of<E: Event>() -> Self {
        <E::Kind as AnyKind>::KIND
    }

    /// The word for it in dumps and spans.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Process => "process",
            Self::Saga => "saga",
        }
    }
}

/// What can be the [`Kind`](Event::Kind) of an event: [`EventKind`], [`ProcessKind`] or [`SagaKind`].
///
/// Sealed: the traits [`Step`](crate::event::Step), [`Process`](crate::Process), [`Saga`](crate::Saga) and
/// [`Preventable`](crate::event::Preventable) follow from it, so an event and its traits cannot disagree.
pub trait AnyKind: sealed::Sealed + 'static {
    /// The kind.
    const KIND: Kind;
    /// Whether a listener may prevent the default action.
    const PREVENTABLE: bool;
}

/// The kind of a plain event. With [`CanPrevent`], listeners may prevent its default action.
#[derive(Debug)]
pub struct EventKind<P = CannotPrevent>(PhantomData<P>);

/// The kind of a process. With [`CanPrevent`], listeners may prevent its default action.
#[derive(Debug)]
pub struct ProcessKind<P = CannotPrevent>(PhantomData<P>);

/// The kind of a saga. With [`CanPrevent`], listeners may prevent its default action.
#[derive(Debug)]
pub struct SagaKind<P = CannotPrevent>(PhantomData<P>);

/// Listeners may prevent the default action.
#[derive(Debug)]
pub struct CanPrevent;

/// Listeners cannot prevent the default action.
#[derive(Debug)]
pub struct CannotPrevent;

/// The kinds of what a saga is made of.
pub trait IsStep: AnyKind {}

/// The kinds of processes.
pub trait IsProcess: IsStep {}

/// The kinds of sagas.
pub trait IsSaga: AnyKind {}

/// The kinds whose default action can be prevented.
pub trait IsPreventable: AnyKind {}

macro_rules! kinds {
    ($($name:ident $kind:ident: $($is:ident)*;)*) => {
        $(
            impl<P: sealed::Prevention> sealed::Sealed for $name<P> {}

            impl<P: sealed::Prevention> AnyKind for $name<P> {
                const KIND: Kind = Kind::$kind;
                const PREVENTABLE: bool = P::CAN_PREVENT;
            }

            $(impl<P: sealed::Prevention> $is for $name<P> {})*

            impl IsPreventable for $name<CanPrevent> {}
        )*
    };
}

kinds! {
    EventKind Event: IsStep;
    ProcessKind Process: IsStep IsProcess;
    SagaKind Saga: IsSaga;
}

mod sealed {
    #[expect(unnameable_types, reason = "only this crate can implement it")]
    /// Keeps [`AnyKind`](super::AnyKind) to this crate.
    pub trait Sealed {}

    #[expect(unnameable_types, reason = "only this crate can implement it")]
    /// Whether a default action can be prevented.
    pub trait Prevention: 'static {
        /// Whether it can.
        const CAN_PREVENT: bool;
    }

    impl Prevention for super::CanPrevent {
        const CAN_PREVENT: bool = true;
    }

    impl Prevention for super::CannotPrevent {
        const CAN_PREVENT: bool = false;
    }
}
