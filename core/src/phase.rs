//! The phases of a dispatch; the type of a listener's first parameter says which one it listens to.

mod after;
mod any;
mod before;
mod handle;
mod observe;
mod perform;
mod settled;
pub(crate) mod too_late;
mod with;
mod wrap;

use serde::Serialize;

pub use self::{
    after::{After, AfterPhase},
    any::{BeforeAny, BeforeAnyPhase, ObserveAny, ObserveAnyPhase, WrapAny, WrapAnyPhase},
    before::{Before, BeforePhase},
    observe::{Observe, ObservePhase},
    perform::{Perform, PerformPhase},
    settled::{Committed, CommittedPhase, RolledBack, RolledBackPhase},
    with::With,
    wrap::{Wrap, WrapPhase},
};
use crate::{dispatch::Turn, event::Event};

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

of_event!(BeforePhase WrapPhase PerformPhase AfterPhase ObservePhase CommittedPhase RolledBackPhase);

/// How a listener of a phase is called, by those who do not know its event.
pub(crate) trait TakesTurn: Phase {
    /// Where what the listener returns goes: into the output in the making, if it returns one.
    type Answer<'a>: Send;

    /// What the listener gets in its turn.
    fn handle<'a>(turn: Turn<'a>) -> (Self::Handle<'a>, Self::Answer<'a>);

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
    /// What a listener of this phase returns: an output for [`Perform`] and [`Wrap`], `()` for the others.
    type Return: Send;
}

/// The phases, in the order in which they run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PhaseName {
    /// Before the default action.
    Before,
    /// Around the default action.
    Wrap,
    /// The default action itself.
    Default,
    /// After the default action.
    After,
    /// Whatever came of it.
    Observe,
    /// Once it is committed.
    Committed,
    /// Once it is rolled back.
    RolledBack,
}

impl PhaseName {
    /// The word for it in dumps and errors.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Before => "before",
            Self::Wrap => "wrap",
            Self::Default => "default",
            Self::After => "after",
            Self::Observe => "observe",
            Self::Committed => "committed",
            Self::RolledBack => "rolled back",
        }
    }
}

mod sealed {
    #[expect(unnameable_types, reason = "that nobody can name it is what it is for")]
    /// Keeps [`Phase`](super::Phase) and [`Handle`](super::Handle) to this crate.
    pub trait Sealed {}
}
