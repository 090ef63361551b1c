//! The phases of a dispatch; the type of a listener's first parameter says which one it listens to.

mod after;
mod any;
mod before;
mod default_action;
mod handle;
mod observe;
mod settled;
pub(crate) mod too_late;
mod with;
mod wrap;

pub use self::{
    after::{After, AfterPhase},
    any::{BeforeAny, BeforeAnyPhase, ObserveAny, ObserveAnyPhase, WrapAny, WrapAnyPhase},
    before::{Before, BeforePhase},
    default_action::{DefaultAction, DefaultActionPhase},
    observe::{Observe, ObservePhase},
    settled::{Committed, CommittedPhase, RolledBack, RolledBackPhase},
    with::With,
    wrap::{Wrap, WrapPhase},
};
use crate::{dispatch::Invocation, event::Event};
pub use crate::{outcome::Dispatched, phase_name::PhaseName};

/// A phase of a dispatch, named by its handle with a `'static` lifetime: `BeforePhase<E>`.
///
/// Sealed: the phases are the ones of this crate.
pub trait Phase: sealed::Sealed + 'static {
    /// What a listener gets for the time of one call.
    type Handle<'a>: Handle<Return = Self::Return>;

    /// What a listener returns.
    type Return: Send + 'static;

    /// Which one it is.
    const NAME: PhaseName;
}

/// A phase of events of one type.
pub(crate) trait OfEvent: Phase {
    type Event: Event;
}

macro_rules! of_event {
    ($($phase:ident)*) => {
        $(impl<E: Event> OfEvent for $phase<E> {
            type Event = E;
        })*
    };
}

of_event!(BeforePhase WrapPhase DefaultActionPhase AfterPhase ObservePhase CommittedPhase RolledBackPhase);

/// How a listener of a phase is called, by those who do not know its event.
pub(crate) trait Invocable: Phase {
    /// Where what the listener returns goes: into the output in the making, if it returns one.
    type Answer<'a>: Send;

    /// What the listener gets in this call.
    fn handle<'a>(invocation: Invocation<'a>) -> (Self::Handle<'a>, Self::Answer<'a>);

    /// Keeps what the listener has returned.
    fn answer(answer: Self::Answer<'_>, returned: Self::Return);
}

/// Says that a listener of a phase returns nothing.
macro_rules! answers_nothing {
    () => {
        type Answer<'a> = ();

        fn answer((): (), (): ()) {}
    };
}

use answers_nothing;

/// What a listener gets: the first parameter, whose type says in which phase it listens.
///
/// Sealed: the handles are the ones of this crate.
pub trait Handle: sealed::Sealed + Send {
    /// What a listener of this phase returns: an output for [`DefaultAction`] and [`Wrap`], `()` for the others.
    type Return: Send;
}

mod sealed {
    #[expect(unnameable_types, reason = "that nobody can name it is what it is for")]
    /// Keeps [`Phase`](super::Phase) and [`Handle`](super::Handle) to this crate.
    pub trait Sealed {}
}
