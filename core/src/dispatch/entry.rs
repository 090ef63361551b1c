//! An event in the sealed core: its listeners by phase, and its default action.

use std::sync::Arc;

use super::{
    exchange::AnyOutput,
    invocation::{Call, output_of},
    phase_listeners::{Condition, PhaseListeners},
};
use crate::{
    describe::EventDescription,
    event::{AnyViews, Event, Kind, RepeatPolicy, Views},
    phase_name::PhaseName,
};

/// An event in the sealed core: its listeners by phase, and its default action.
pub(crate) struct Entry {
    /// Where it stands in its core.
    pub(crate) index: usize,
    pub(crate) description: Arc<EventDescription>,
    /// Whether the default runs though a listener has rejected the request.
    pub(crate) gathers: bool,
    /// As what it can be seen.
    pub(crate) views: AnyViews,
    /// How it is run again if its unit of work loses.
    pub(crate) repeat: Option<RepeatPolicy>,
    /// Gives the output of a step that was skipped, if it may be.
    pub(crate) skip: Option<Skip>,
    /// Copies an output for committed listeners that have to wait for the end of a unit of work.
    pub(crate) copy_output: Option<CopyOutput>,
    pub(crate) before: PhaseListeners,
    pub(crate) wrap: PhaseListeners,
    pub(crate) default: PhaseListeners,
    pub(crate) after: PhaseListeners,
    pub(crate) observe: PhaseListeners,
    pub(crate) committed: PhaseListeners,
    pub(crate) rolled_back: PhaseListeners,
    /// Whether it runs without a state machine: no process and no saga, no async listener, nobody who waits for the
    /// outcome.
    pub(crate) is_immediate: bool,
}

/// Gives the output of a step that was skipped.
pub(crate) type Skip = fn(&mut dyn AnyOutput);

/// Copies an output.
pub(crate) type CopyOutput = fn(&dyn AnyOutput) -> Box<dyn AnyOutput>;

/// What the type of an event says of how it is run.
#[derive(Clone)]
pub(crate) struct Nature {
    pub(crate) gathers: bool,
    pub(crate) views: AnyViews,
    pub(crate) repeat: Option<RepeatPolicy>,
    pub(crate) skip: Option<Skip>,
}

impl Nature {
    pub(crate) fn of<E: Event>() -> Self {
        Self {
            gathers: E::GATHERS,
            views: Views::<E>::offered(),
            repeat: E::REPEAT.map(|repeat| repeat.policy()),
            skip: E::SKIP.map(|_| skip::<E> as Skip),
        }
    }
}

fn skip<E: Event>(output: &mut dyn AnyOutput) {
    *output_of::<E>(output) = E::SKIP.map(|skipped| skipped());
}

impl Entry {
    /// An event without listeners.
    pub(crate) fn new(
        index: usize,
        description: Arc<EventDescription>,
        nature: Nature,
        copy_output: Option<CopyOutput>,
    ) -> Self {
        let Nature { gathers, views, repeat, skip } = nature;
        Self {
            index,
            description,
            gathers,
            views,
            repeat,
            skip,
            copy_output,
            before: PhaseListeners::new(PhaseName::Before),
            wrap: PhaseListeners::new(PhaseName::Wrap),
            default: PhaseListeners::new(PhaseName::Default),
            after: PhaseListeners::new(PhaseName::After),
            observe: PhaseListeners::new(PhaseName::Observe),
            committed: PhaseListeners::new(PhaseName::Committed),
            rolled_back: PhaseListeners::new(PhaseName::RolledBack),
            is_immediate: false,
        }
    }

    /// Adds a listener behind the others of its phase; `place` is where it stands in the description.
    pub(crate) fn add(
        &mut self,
        phase: PhaseName,
        place: usize,
        call: Call,
        condition: Option<Condition>,
    ) {
        let listeners = match phase {
            PhaseName::Before => &mut self.before,
            PhaseName::Wrap => &mut self.wrap,
            PhaseName::Default => &mut self.default,
            PhaseName::After => &mut self.after,
            PhaseName::Observe => &mut self.observe,
            PhaseName::Committed => &mut self.committed,
            PhaseName::RolledBack => &mut self.rolled_back,
        };
        listeners.add(place, call, condition);
    }

    /// Notes that all listeners were added.
    pub(crate) fn seal(&mut self, is_monitored: bool) {
        self.is_immediate = !is_monitored
            && self.description.kind == Kind::Event
            && self.is_unobserved()
            && self.wrap.is_empty()
            && !self.default.is_conditional()
            && [&self.before, &self.default, &self.after].into_iter().all(PhaseListeners::is_plain);
    }

    /// Whether no listener is told of the outcome.
    pub(crate) fn is_unobserved(&self) -> bool {
        self.observe.is_empty() && !self.is_deferrable()
    }

    /// Whether a listener waits for the end of a unit of work.
    pub(crate) fn is_deferrable(&self) -> bool {
        !self.committed.is_empty() || !self.rolled_back.is_empty()
    }

    pub(crate) fn name(&self) -> &'static str {
        self.description.name
    }

    pub(crate) fn kind(&self) -> Kind {
        self.description.kind
    }
}
