//! One event's way from the first before-listener to the last committed one.

mod ending;
mod observing;
mod owning;
mod pausing;
mod phases;
mod settling;
mod standing;

use std::{
    pin::{Pin, pin},
    sync::Arc,
};

use tracing::Instrument;

use self::settling::Observed;
pub(crate) use self::standing::Standing;
use super::{lane::Lane, spans};
use crate::{
    compensation::Compensations,
    depth::{self, AtLevel},
    describe::EventDescription,
    error::{Error, Result},
    event::{Event, Kind},
    phase::{
        AfterPhase, BeforePhase, CommittedPhase, Frame, ObservePhase, PerformPhase,
        RolledBackPhase, WrapPhase,
    },
    scope::Scope,
    unit_of_work::Settlement,
};

/// An event's listeners by phase, and its default action.
pub(crate) struct Pipeline<E: Event> {
    pub(crate) description: Arc<EventDescription>,
    pub(crate) before: Lane<BeforePhase<E>>,
    pub(crate) wrap: Lane<WrapPhase<E>>,
    pub(crate) default: Lane<PerformPhase<E>>,
    pub(crate) after: Lane<AfterPhase<E>>,
    pub(crate) observe: Lane<ObservePhase<E>>,
    pub(crate) committed: Lane<CommittedPhase<E>>,
    pub(crate) rolled_back: Lane<RolledBackPhase<E>>,
    /// Copies an output for committed listeners that have to wait for the end of a unit of work.
    pub(crate) copy_output: Option<CopyOutput<E>>,
    /// Whether nothing but the dispatch itself waits for the outcome.
    pub(crate) direct: bool,
    /// Whether all of it runs without a state machine.
    pub(crate) immediate: bool,
}

/// Copies an output.
pub(crate) type CopyOutput<E> = fn(&<E as Event>::Output) -> <E as Event>::Output;

impl<E: Event> Pipeline<E> {
    /// A pipeline without listeners.
    pub(crate) const fn new(
        description: Arc<EventDescription>,
        copy_output: Option<CopyOutput<E>>,
    ) -> Self {
        Self {
            description,
            before: Lane::new(),
            wrap: Lane::new(),
            default: Lane::new(),
            after: Lane::new(),
            observe: Lane::new(),
            committed: Lane::new(),
            rolled_back: Lane::new(),
            copy_output,
            direct: false,
            immediate: false,
        }
    }

    pub(crate) fn description(&self) -> &EventDescription {
        &self.description
    }

    /// Whether the event runs without a state machine: no async listener, nothing that waits for an outcome.
    #[inline]
    pub(crate) fn is_immediate(&self) -> bool {
        self.immediate
    }

    /// Whether nothing but the dispatch itself waits for the outcome, asked once when sealing.
    pub(crate) fn can_be_direct(&self) -> bool {
        Kind::of::<E>() == Kind::Event && self.is_unobserved()
    }

    /// Whether no listener is told of the outcome.
    pub(crate) fn is_unobserved(&self) -> bool {
        self.observe.is_empty() && self.committed.is_empty() && self.rolled_back.is_empty()
    }

    /// Runs an event for whose outcome nothing but the dispatch itself waits, and that nobody watches.
    pub(crate) async fn run_direct(&self, scope: &Scope<'_>, event: E) -> Result<E::Output> {
        let mut frame = Frame::new(event);
        self.phases(&mut frame, scope).await?;
        frame.output.ok_or_else(|| Error::not_handled(E::NAME))
    }

    /// Runs the event in a span, if a subscriber wants one.
    pub(crate) async fn run_in_span(
        &self,
        scope: &Scope<'_>,
        standing: Standing<'_>,
        event: E,
    ) -> Result<E::Output> {
        let trace = scope.context.trace_log().map(|log| {
            let parent = scope.parent.and_then(|parent| parent.trace);
            log.begin(parent, scope.description)
        });
        let own = Compensations::default();
        let compensations = (Kind::of::<E>() == Kind::Saga).then_some(&own);
        let span = spans::enabled().then(|| spans::of_dispatch(E::NAME, Kind::of::<E>().as_str()));
        let scope = &Scope { trace, compensations, span: span.as_ref(), ..*scope };
        let run = pin!(self.run(scope, standing, event));
        // Without its type: what waits for it is compiled for each output, and not for each event.
        let run: Pin<&mut (dyn Future<Output = Result<E::Output>> + Send)> = run;
        let run = AtLevel { level: scope.level + depth::DISPATCH, future: run };
        let result = match &span {
            Some(span) => run.instrument(span.clone()).await,
            None => run.await,
        };
        if let (Kind::Saga, Ok(_)) = (Kind::of::<E>(), &result) {
            own.pass_on(scope);
        }
        result
    }

    async fn run(&self, scope: &Scope<'_>, standing: Standing<'_>, event: E) -> Result<E::Output> {
        scope.core.monitors.entered(scope);
        if const { matches!(Kind::of::<E>(), Kind::Process) } {
            return self.run_process(scope, standing, event).await;
        }
        let mut frame = Frame::new(event);
        let result = self.phases(&mut frame, scope).await;
        let is_saga = const { matches!(Kind::of::<E>(), Kind::Saga) };
        let _completing = is_saga.then(|| scope.context.completing());
        if is_saga && let (Err(_), Some(compensations)) = (&result, scope.compensations) {
            compensations.run(scope).await;
        }
        match standing {
            Standing::Inside(work) | Standing::Joined(work) | Standing::Savepoint(work) => {
                Observed::new(self, work, scope, frame, result).look().await
            }
            Standing::Outside | Standing::Owner => {
                self.observe(&frame, &result, scope).await;
                let settlement =
                    result.as_ref().map_or_else(Settlement::RolledBack, |()| Settlement::Committed);
                let untimed = scope.context.deadline().map(|_| scope.context.untimed());
                let scope = &Scope { context: untimed.as_ref().unwrap_or(scope.context), ..*scope };
                self.settle(&frame.event, frame.output.as_ref(), settlement, scope).await;
                result?;
                frame.output.ok_or_else(|| Error::not_handled(E::NAME))
            }
        }
    }
}
