//! What an event is: plain data, an output, and what kind of hook it stands for.

mod slot;

use serde::Serialize;

pub use self::slot::Slot;

/// A hook: something that is about to happen.
///
/// The struct that implements it is plain data, the request of one step. Who listens, what was prevented and
/// the output live in the dispatch, so nothing of one dispatch leaks into the next.
///
/// Derive it with [`Event`](derive@crate::Event), [`Process`](derive@crate::Process) or
/// [`Saga`](derive@crate::Saga), or write by hand what a derive writes:
///
/// ```
/// use dullahan_core::{Event, Kind, Preventable, Slot, Step};
///
/// struct HashPassword {
///     password: String,
/// }
///
/// impl Event for HashPassword {
///     type Output = String;
///     const NAME: &'static str = "HashPassword";
///     const KIND: Kind = Kind::Event;
///     const PREVENTABLE: bool = true;
///     fn slot() -> &'static Slot {
///         static SLOT: Slot = Slot::new();
///         &SLOT
///     }
/// }
/// impl Step for HashPassword {}
/// impl Preventable for HashPassword {}
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not an event",
    note = "add `#[derive(Event)]` (a hook), `#[derive(Process)]` (a unit of work) or `#[derive(Saga)]` (what an \
            outside request asks for) to it"
)]
pub trait Event: Send + Sync + Sized + 'static {
    /// What the step produces; `()` where it only does something.
    type Output: Send + Sync + 'static;

    /// The name in dumps, traces and errors.
    const NAME: &'static str;

    /// Whether this is a plain event, a process or a saga.
    const KIND: Kind;

    /// Whether a listener may prevent the default. Has to agree with [`Preventable`]; a derive sees to it.
    const PREVENTABLE: bool = false;

    /// Whether the default still runs, its result discarded, after a listener has rejected the request, so
    /// that one answer names everything that is wrong. For events that only check, never for ones that act.
    const GATHERS: bool = false;

    /// How to run a process again whose unit of work lost against another one, in a deadlock say: with a copy of
    /// what it was given. `None` where the caller gets the error at once, and for whatever is no process.
    const REPEAT: Option<fn(&Self) -> Self> = None;

    /// The place of this type in the dispatcher's table: a static of its own.
    fn slot() -> &'static Slot;
}

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
    /// The word for it in dumps and spans.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Process => "process",
            Self::Saga => "saga",
        }
    }
}

/// An event whose default action a listener may prevent.
#[diagnostic::on_unimplemented(
    message = "the default action of `{Self}` cannot be prevented",
    label = "`{Self}` is not preventable",
    note = "if you own the event, add `#[event(preventable)]` to it; otherwise listen after it and change its output, \
            or return an error, which ends the dispatch and rolls back"
)]
pub trait Preventable: Event {}

/// What a saga is made of: plain events and processes.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be dispatched as a step",
    note = "a saga is what an outside request asks for: start it with `core.run(..)`, or `run(..)` inside a listener",
    note = "anything else needs `#[derive(Event)]` or `#[derive(Process)]`"
)]
pub trait Step: Event {}

/// A top-level event that runs as a unit of work.
///
/// What its default action and its listeners do through the unit of work is committed after the last
/// after-listener, or rolled back when any of them fails, panics, or is dropped.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a process",
    note = "`run_process` runs a process (`#[derive(Process)]`, in the place of `#[derive(Event)]`), `run` a saga and \
            `dispatch` a plain event"
)]
pub trait Process: Step {}

/// What one outside request asks for: a mutable request and response, made of events.
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a saga",
    note = "`run` starts a saga (`#[derive(Saga)]`), `run_process` a process and `dispatch` a plain event; inside of a \
            listener `ev.dispatch(..)` takes processes and plain events"
)]
pub trait Saga: Event {}
