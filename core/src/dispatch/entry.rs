//! An event in the sealed core: its listeners by phase, and its default action.

use std::sync::Arc;

use super::{
    exchange::AnyOutput,
    lane::{Condition, Lane},
    turn::Call,
};
use crate::{
    describe::EventDescription,
    event::{AnyViews, Kind},
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
    /// Copies an output for committed listeners that have to wait for the end of a unit of work.
    pub(crate) copy_output: Option<CopyOutput>,
    pub(crate) before: Lane,
    pub(crate) wrap: Lane,
    pub(crate) default: Lane,
    pub(crate) after: Lane,
    pub(crate) observe: Lane,
    pub(crate) committed: Lane,
    pub(crate) rolled_back: Lane,
    /// Whether it runs without a state machine: no process and no saga, no async listener, nobody who waits for the
    /// outcome.
    pub(crate) is_immediate: bool,
}

/// Copies an output.
pub(crate) type CopyOutput = fn(&dyn AnyOutput) -> Box<dyn AnyOutput>;

impl Entry {
    /// An event without listeners.
    pub(crate) fn new(
        index: usize,
        description: Arc<EventDescription>,
        gathers: bool,
        views: AnyViews,
        copy_output: Option<CopyOutput>,
    ) -> Self {
        Self {
            index,
            description,
            gathers,
            views,
            copy_output,
            before: Lane::new(PhaseName::Before),
            wrap: Lane::new(PhaseName::Wrap),
            default: Lane::new(PhaseName::Default),
            after: Lane::new(PhaseName::After),
            observe: Lane::new(PhaseName::Observe),
            committed: Lane::new(PhaseName::Committed),
            rolled_back: Lane::new(PhaseName::RolledBack),
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
        let lane = match phase {
            PhaseName::Before => &mut self.before,
            PhaseName::Wrap => &mut self.wrap,
            PhaseName::Default => &mut self.default,
            PhaseName::After => &mut self.after,
            PhaseName::Observe => &mut self.observe,
            PhaseName::Committed => &mut self.committed,
            PhaseName::RolledBack => &mut self.rolled_back,
        };
        lane.add(place, call, condition);
    }

    /// Notes that all listeners were added.
    pub(crate) fn seal(&mut self, is_monitored: bool) {
        self.is_immediate = !is_monitored
            && self.description.kind == Kind::Event
            && self.is_unobserved()
            && self.wrap.is_empty()
            && [&self.before, &self.default, &self.after].into_iter().all(Lane::is_plain);
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
