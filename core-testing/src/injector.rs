//! Lets one step of a run fail, and notes every step that was reached.

use std::{fmt, sync::Arc};

use parking_lot::Mutex;

use dullahan_core::{Error, Result, phase::PhaseName, private::Tap};

/// A step that [`fail_at_each_step`](super::fail_at_each_step()) lets fail.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum TriedStep {
    /// A listener or a default action is called.
    Listener {
        /// The event.
        event: &'static str,
        /// The phase.
        phase: PhaseName,
        /// The name of the listener or default action.
        name: String,
    },
    /// The unit of work begins, commits, marks a savepoint or gives one up.
    UnitOfWork {
        /// `begin`, `commit`, `savepoint` or `release savepoint`.
        call: &'static str,
    },
}

/// Lets one step of a run fail, and notes every step that was reached.
#[derive(Debug, Default)]
pub(crate) struct Injector {
    plan: Plan,
    seen: Mutex<Seen>,
}

/// What is to go wrong in a run.
#[derive(Debug, Clone, Copy, Default)]
pub(super) enum Plan {
    #[default]
    Nothing,
    /// An error in the place of the n-th step, counted from 1.
    Error(usize),
    /// A panic in the place of the n-th step.
    Panic(usize),
    /// The future is dropped the n-th time it waits; it waits before each step.
    Drop(usize),
}

#[derive(Debug, Default)]
struct Seen {
    reached: Vec<TriedStep>,
    injected: Option<TriedStep>,
}

impl Injector {
    pub(super) fn new(plan: Plan) -> Arc<Self> {
        Arc::new(Self { plan, seen: Mutex::default() })
    }

    /// The steps that were reached, in order.
    pub(super) fn reached(&self) -> Vec<TriedStep> {
        self.seen.lock().reached.clone()
    }

    /// The step in whose place something went wrong.
    pub(super) fn injected(&self) -> Option<TriedStep> {
        self.seen.lock().injected.clone()
    }

    /// Whether steps are to be given a place before them at which the future can be dropped.
    pub(super) fn halts(&self) -> bool {
        matches!(self.plan, Plan::Drop(_))
    }

    /// A step is about to be taken; an error, or a panic, comes in its place.
    pub(super) fn arrived(&self, step: &TriedStep) -> Result<()> {
        let mut seen = self.seen.lock();
        seen.reached.push(step.clone());
        let now = seen.reached.len();
        if !matches!(self.plan, Plan::Error(n) | Plan::Panic(n) if n == now) {
            return Ok(());
        }
        seen.injected = Some(step.clone());
        drop(seen);
        if let Plan::Panic(_) = self.plan {
            // Past the hook that would print it: this panic is no news.
            std::panic::resume_unwind(Box::new(format!("injected at step {now}, {step}")));
        }
        Err(Error::internal(Injected { now, step: step.clone() }).with_code("injected"))
    }

    /// What is asked before this listener acts.
    pub(crate) fn tap(
        self: &Arc<Self>,
        event: &'static str,
        phase: PhaseName,
        name: String,
    ) -> Arc<dyn Tap> {
        let step = TriedStep::Listener { event, phase, name };
        Arc::new(Arrival { injector: Arc::clone(self), step })
    }
}

/// The tap before one listener.
struct Arrival {
    injector: Arc<Injector>,
    step: TriedStep,
}

impl Tap for Arrival {
    fn arrived(&self) -> Result<()> {
        self.injector.arrived(&self.step)
    }

    fn yields(&self) -> bool {
        self.injector.halts()
    }
}

impl TriedStep {
    /// Whether a failure of the step changes nothing about what comes of its saga.
    pub(super) fn is_isolated(&self) -> bool {
        match self {
            Self::Listener { phase, .. } => {
                matches!(phase, PhaseName::Observe | PhaseName::Committed | PhaseName::RolledBack)
            }
            Self::UnitOfWork { .. } => false,
        }
    }
}

impl fmt::Display for TriedStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listener { event, phase, name } => {
                write!(f, "{} of {event}: {name}", phase.as_str())
            }
            Self::UnitOfWork { call } => write!(f, "unit of work: {call}"),
        }
    }
}

/// A step failed because a test said so.
#[derive(Debug, thiserror::Error)]
#[error("injected at step {now}, {step}")]
struct Injected {
    now: usize,
    step: TriedStep,
}
