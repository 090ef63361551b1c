//! The course of one saga, as a tree: who ran, who did not and why, who prevented, how long.

mod log;

use std::{borrow::Cow, fmt, time::Duration};

use serde::Serialize;

pub(crate) use self::log::{TraceLog, TraceNode};
use crate::{event::Kind, phase_name::PhaseName};

/// The course of one saga, collected on request.
///
/// ```
/// use dullahan_core::{Before, Context, Core, DefaultAction, Event};
///
/// #[derive(Event)]
/// #[event(output = u32, preventable)]
/// struct Count;
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut core = Core::builder();
/// core.declare::<Count>().default(|_: DefaultAction<'_, Count>| Ok(1));
/// core.event::<Count>().before(|mut ev: Before<'_, Count>| {
///     ev.respond(2);
///     Ok(())
/// });
/// let core = core.build()?;
///
/// let context = Context::new().with_trace();
/// core.dispatch(&context, Count).await?;
///
/// let trace = context.trace().expect("one was asked for");
/// assert!(trace.dispatches[0].prevented_by.is_some());
/// println!("{trace}");
/// # Ok(())
/// # }
/// ```
///
/// Collecting changes no order and no result. It costs a lock and a clock reading for each listener, and
/// nothing where it was not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Trace {
    /// What was dispatched from outside, in order.
    pub dispatches: Vec<TracedDispatch>,
}

/// One dispatch of a saga, with everything that was dispatched inside of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TracedDispatch {
    /// The event.
    pub event: &'static str,
    /// Event, process or saga.
    pub kind: Kind,
    /// Every listener of the event and its default action, in run order: each either called or not.
    pub listeners: Vec<TracedListener>,
    /// The first listener that prevented the default.
    pub prevented_by: Option<String>,
    /// How often the default action ran; a wrap may skip or repeat it.
    pub default_runs: u32,
    /// What came of it: `completed`, `prevented`, or the code of an error; `cancelled` while nobody knows.
    pub outcome: Cow<'static, str>,
    /// How long it took, with everything inside of it, until its outcome was known.
    pub took: Duration,
    /// What was dispatched from inside of it, in order.
    pub children: Vec<TracedDispatch>,
}

/// One listener, or the default action, in the course of a dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct TracedListener {
    /// Its name.
    pub name: String,
    /// The phase it listens to.
    pub phase: PhaseName,
    /// What became of it.
    pub fate: Fate,
    /// How often it was called.
    pub calls: u32,
    /// How long its calls took, with everything that they dispatched.
    pub took: Duration,
}

/// What became of a listener in the course of a dispatch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fate {
    /// It was called and succeeded.
    Ran,
    /// It was called and failed, with an error of this code.
    Failed(String),
    /// It was called, and the future of the dispatch was dropped while it waited.
    Cancelled,
    /// Not called: its condition did not hold.
    ConditionFalse,
    /// Not called: this listener had ended the phase.
    StoppedBy(String),
    /// Not called: this listener had prevented the default.
    PreventedBy(String),
    /// Not called: a wrap answered in its place.
    WrappedAway,
    /// Not called: the dispatch had ended with an error before.
    NotReached,
    /// Not called: it waits for a commit or for a rollback, and it was the other one, or neither so far.
    NotSettled,
}

impl Fate {
    /// Whether the listener was called.
    pub fn was_called(&self) -> bool {
        matches!(self, Self::Ran | Self::Failed(_) | Self::Cancelled)
    }
}

impl TracedDispatch {
    /// The listeners that were called, in run order.
    pub fn called(&self) -> impl Iterator<Item = &TracedListener> {
        self.listeners.iter().filter(|listener| listener.fate.was_called())
    }

    /// The listeners that were not called, in run order; with [`called`](Self::called), all there are.
    pub fn not_called(&self) -> impl Iterator<Item = &TracedListener> {
        self.listeners.iter().filter(|listener| !listener.fate.was_called())
    }

    fn write(&self, f: &mut fmt::Formatter<'_>, depth: usize) -> fmt::Result {
        let indent = "  ".repeat(depth);
        writeln!(
            f,
            "{indent}{} ({}) {} {:?}",
            self.event,
            self.kind.as_str(),
            self.outcome,
            self.took
        )?;
        for listener in &self.listeners {
            let TracedListener { name, phase, fate, calls, took } = listener;
            let phase = phase.as_str();
            write!(f, "{indent}  {phase:<11} {name}: ")?;
            match fate {
                Fate::Ran if *calls > 1 => writeln!(f, "ran {calls} times, {took:?}")?,
                Fate::Ran => writeln!(f, "ran, {took:?}")?,
                Fate::Failed(code) => writeln!(f, "failed with {code}, {took:?}")?,
                Fate::Cancelled => writeln!(f, "cancelled")?,
                Fate::ConditionFalse => writeln!(f, "skipped, its condition did not hold")?,
                Fate::StoppedBy(by) => writeln!(f, "skipped, stopped by {by}")?,
                Fate::PreventedBy(by) => writeln!(f, "skipped, prevented by {by}")?,
                Fate::WrappedAway => writeln!(f, "skipped, a wrap answered")?,
                Fate::NotReached => writeln!(f, "not reached")?,
                Fate::NotSettled => writeln!(f, "not called")?,
            }
        }
        self.children.iter().try_for_each(|child| child.write(f, depth + 1))
    }
}

impl fmt::Display for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.dispatches.iter().try_for_each(|dispatch| dispatch.write(f, 0))
    }
}
