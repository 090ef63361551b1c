//! One event's way from the first before-listener to the last committed one.

use std::{any::Any, sync::Arc};

use tracing::Instrument;

use super::{lane::Lane, spans};
use crate::{
    compensation::Compensations,
    context::Context,
    describe::EventDescription,
    error::{Error, Fault, Result},
    event::{Event, Kind},
    future::{BoxFuture, catch},
    monitor::Ending,
    phase::{
        AfterPhase, BeforePhase, Committed, CommittedPhase, Frame, FramePhase, Observe,
        ObservePhase, Outcome, PerformPhase, Phase, RolledBack, RolledBackPhase, Wrap, WrapPhase,
    },
    scope::Scope,
    trace::TraceNode,
    unit_of_work::{Deferred, Settlement, Work},
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
    /// Whether all of it runs without a state machine.
    pub(crate) immediate: bool,
}

/// Copies an output.
pub(crate) type CopyOutput<E> = fn(&<E as Event>::Output) -> <E as Event>::Output;

/// How a dispatch relates to a unit of work.
#[derive(Clone, Copy)]
pub(crate) enum Standing<'a> {
    /// A plain event or a saga, outside of any unit of work.
    Outside,
    /// A plain event or a saga, inside of one.
    Inside(&'a Work),
    /// A process that has its own.
    Owner,
    /// A process that shares one.
    Joined(&'a Work),
    /// A process that shares one and may fail alone.
    Savepoint(&'a Work),
}

impl<'a> Standing<'a> {
    pub(crate) fn of<E: Event>(context: &'a Context) -> Self {
        match (E::KIND, context.work()) {
            (Kind::Process, None) => Self::Owner,
            (Kind::Process, Some(work)) if context.is_observing() => Self::Savepoint(work),
            (Kind::Process, Some(work)) => Self::Joined(work),
            (Kind::Event | Kind::Saga, None) => Self::Outside,
            (Kind::Event | Kind::Saga, Some(work)) => Self::Inside(work),
        }
    }
}

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
        let compensations = (E::KIND == Kind::Saga).then_some(&own);
        let scope = &Scope { trace, compensations, ..*scope };
        let frame = Frame::new(event);
        let result = if spans::enabled() {
            let span = spans::of_dispatch(E::NAME, E::KIND.as_str());
            self.run(scope, standing, frame).instrument(span).await
        } else {
            self.run(scope, standing, frame).await
        };
        let outer = scope.parent.and_then(Scope::saga);
        if let (Kind::Saga, Ok(_), Some(outer)) = (E::KIND, &result, outer) {
            outer.extend(own.take());
        }
        result
    }

    async fn run(
        &self,
        scope: &Scope<'_>,
        standing: Standing<'_>,
        mut frame: Frame<E>,
    ) -> Result<E::Output> {
        scope.core.monitors.entered(scope);
        let result = match standing {
            Standing::Outside | Standing::Inside(_) => self.phases(&mut frame, scope).await,
            Standing::Owner => return self.run_as_owner(scope, frame).await,
            Standing::Joined(work) => {
                let joined = work.join(E::NAME);
                let result = self.phases(&mut frame, scope).await;
                if result.is_ok() {
                    joined.succeeded();
                }
                result
            }
            Standing::Savepoint(work) => return self.run_in_savepoint(work, scope, frame).await,
        };
        if let (Kind::Saga, Err(_), Some(compensations)) = (E::KIND, &result, scope.compensations) {
            compensations.run(scope).await;
        }
        self.observe(&frame, &result, scope).await;
        match standing {
            Standing::Inside(work) | Standing::Joined(work) | Standing::Savepoint(work) => {
                self.defer(work, scope, frame, result)
            }
            Standing::Outside | Standing::Owner => {
                let settlement =
                    result.as_ref().map_or_else(Settlement::RolledBack, |()| Settlement::Committed);
                self.settle(&frame.event, frame.output.as_ref(), settlement, scope).await;
                result?;
                frame.output.ok_or_else(|| Error::not_handled(E::NAME))
            }
        }
    }

    /// Runs a process in a unit of work of its own.
    async fn run_as_owner(&self, scope: &Scope<'_>, mut frame: Frame<E>) -> Result<E::Output> {
        let Some((provider, _)) = &scope.core.units_of_work else {
            return Err(Error::internal(NoUnitOfWork { process: E::NAME }));
        };
        let work = Arc::new(Work::new(Arc::clone(provider)));
        let inside = scope.context.inside(Arc::clone(&work));
        let result = self.phases(&mut frame, &Scope { context: &inside, ..*scope }).await;
        let result = match result {
            Ok(()) => work.commit().await.map_err(|error| {
                error.arose_in(Some("the commit of the unit of work"), || scope.chain())
            }),
            Err(error) => {
                work.rollback().await;
                Err(error)
            }
        };
        if let (Ok(()), Some(saga)) = (&result, scope.saga()) {
            saga.extend(work.take_compensations());
        }
        self.observe(&frame, &result, scope).await;
        let settlement =
            result.as_ref().map_or_else(Settlement::RolledBack, |()| Settlement::Committed);
        for event in work.take_deferred() {
            event.settle(scope, settlement).await;
        }
        self.settle(&frame.event, frame.output.as_ref(), settlement, scope).await;
        result?;
        frame.output.ok_or_else(|| Error::not_handled(E::NAME))
    }

    /// Runs a process in a savepoint of the unit of work around it.
    async fn run_in_savepoint(
        &self,
        work: &Work,
        scope: &Scope<'_>,
        mut frame: Frame<E>,
    ) -> Result<E::Output> {
        let (result, undone) = match work.savepoint().await {
            Ok(savepoint) => {
                let acting = scope.context.is_observing().then(|| scope.context.acting());
                let context = acting.as_ref().unwrap_or(scope.context);
                let result = self.phases(&mut frame, &Scope { context, ..*scope }).await;
                savepoint.settle(result).await
            }
            Err(error) => (Err(error), Vec::new()),
        };
        let result = result.map_err(|error| {
            error.arose_in(Some("the savepoint of the unit of work"), || scope.chain())
        });
        self.observe(&frame, &result, scope).await;
        if let Err(error) = &result {
            let outside = scope.context.outside();
            let scope = Scope { context: &outside, ..*scope };
            let settlement = Settlement::RolledBack(error);
            for event in undone {
                event.settle(&scope, settlement).await;
            }
            self.settle(&frame.event, None, settlement, &scope).await;
            result?;
        }
        self.defer(work, scope, frame, Ok(()))
    }

    /// The phases that may fail: before, default, after.
    async fn phases(&self, frame: &mut Frame<E>, scope: &Scope<'_>) -> Result<()> {
        if let Err(error) = self.before.run(frame, scope).await {
            return Err(self.refuse(frame, scope, Some(error)));
        }
        let output = match self.output_of_before(frame, scope)? {
            Some(output) => output,
            None => {
                let performed = self.perform_from(0, frame, scope).await;
                self.accept(frame, scope, performed)?
            }
        };
        frame.output = Some(output);
        self.after.run(frame, scope).await
    }

    /// Runs the wraps from this one inward, and the default action inside of them.
    pub(crate) async fn perform_from(
        &self,
        wrap: usize,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
    ) -> Result<E::Output> {
        for index in wrap..self.wrap.entries().len() {
            let handle = Wrap { frame: &mut *frame, scope, pipeline: self, inner: index + 1 };
            if let Some(wrapped) = self.wrap.call(index, handle, scope).await {
                return wrapped;
            }
        }
        if !self.default.is_empty()
            && let Some(performed) =
                self.default.call(0, PerformPhase::handle(frame, scope), scope).await
        {
            return performed;
        }
        self.without_default(frame)
    }

    /// The output that a listener has given in the place of the default action, if one prevented that.
    pub(super) fn output_of_before(
        &self,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
    ) -> Result<Option<E::Output>> {
        let prevented_by = frame.control.prevented_by();
        if frame.control.is_rejected() && (prevented_by.is_some() || !E::GATHERS) {
            return Err(self.refuse(frame, scope, None));
        }
        let Some(by) = prevented_by else { return Ok(None) };
        let output = frame.output.take();
        let output =
            output.ok_or_else(|| self.before.failed(by, scope, Error::not_handled(E::NAME)));
        output.map(Some)
    }

    /// Takes what the default action gave, together with what listeners found wrong before.
    pub(super) fn accept(
        &self,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
        performed: Result<E::Output>,
    ) -> Result<E::Output> {
        match performed {
            Ok(output) if !frame.control.is_rejected() => Ok(output),
            performed => {
                let error = performed.err().map(|error| self.default.failed(0, scope, error));
                Err(self.refuse(frame, scope, error))
            }
        }
    }

    /// The error of a dispatch that a listener has rejected before, together with an error that came later.
    ///
    /// What is wrong with the request is added to an error that says what else is wrong with it; an error of
    /// another kind is more important.
    #[cold]
    pub(super) fn refuse(
        &self,
        frame: &mut Frame<E>,
        scope: &Scope<'_>,
        error: Option<Error>,
    ) -> Error {
        match (frame.control.take_rejection(), error) {
            (Some((by, violations)), None) => {
                self.before.failed(by, scope, Error::invalid(violations))
            }
            (Some((_, violations)), Some(error)) if error.fault() == Fault::Invalid => {
                error.after_violations(violations)
            }
            (_, error) => error.unwrap_or_else(|| Error::not_handled(E::NAME)),
        }
    }

    /// The output of an event without a default action: what a listener gave, or `()` for one that only
    /// notifies.
    pub(super) fn without_default(&self, frame: &mut Frame<E>) -> Result<E::Output> {
        if let Some(output) = frame.output.take() {
            return Ok(output);
        }
        let mut unit: Option<E::Output> = None;
        if !E::PREVENTABLE
            && let Some(slot) = (&mut unit as &mut dyn Any).downcast_mut::<Option<()>>()
        {
            *slot = Some(());
        }
        unit.ok_or_else(|| Error::not_handled(E::NAME))
    }

    /// Shows the outcome to the observers.
    async fn observe(&self, frame: &Frame<E>, result: &Result<()>, scope: &Scope<'_>) {
        let is_watched =
            spans::enabled() || scope.trace.is_some() || !scope.core.monitors.is_empty();
        if is_watched || !self.observe.is_empty() {
            self.tell_all(frame, result, scope).await;
        }
    }

    async fn tell_all(&self, frame: &Frame<E>, result: &Result<()>, scope: &Scope<'_>) {
        if spans::enabled() {
            self.record(frame, result, scope);
        }
        let prevented_by = frame.control.prevented_by().map(|by| self.before.name(by, scope));
        if let Some(trace) = scope.trace {
            if let Some(by) = prevented_by {
                trace.prevented(by);
            }
            let completed = prevented_by.map_or("completed", |_| "prevented");
            trace.ended(result.as_ref().map(|()| completed));
        }
        let inside = scope.context.work().is_some() && !self.observe.is_empty();
        let observing = inside.then(|| scope.context.observing());
        let observed = &Scope { context: observing.as_ref().unwrap_or(scope.context), ..*scope };
        for index in 0..self.observe.entries().len() {
            let outcome = match (result, &frame.output, frame.control.prevented_by()) {
                (Err(error), _, _) => Outcome::Failed(error),
                (Ok(()), Some(output), None) => Outcome::Completed(output),
                (Ok(()), Some(output), Some(by)) => {
                    Outcome::Prevented { by: self.before.name(by, scope), output }
                }
                (Ok(()), None, _) => return,
            };
            let handle = Observe { event: &frame.event, outcome, scope: observed };
            isolate(&self.observe, index, handle, observed).await;
        }
        scope.core.monitors.left(
            scope,
            &match (result, prevented_by) {
                (Err(error), _) => Ending::Failed(error),
                (Ok(()), Some(by)) => Ending::Prevented { by },
                (Ok(()), None) => Ending::Completed,
            },
        );
    }

    /// Writes the outcome into the span of the dispatch.
    fn record(&self, frame: &Frame<E>, result: &Result<()>, scope: &Scope<'_>) {
        let span = tracing::Span::current();
        if !spans::is_of_dispatch(&span) {
            return;
        }
        if let Some(by) = frame.control.prevented_by() {
            span.record("prevented_by", self.before.name(by, scope));
        }
        let outcome = match (result, frame.control.prevented_by()) {
            (Err(error), _) => error.code(),
            (Ok(()), Some(_)) => "prevented",
            (Ok(()), None) => "completed",
        };
        span.record("outcome", outcome);
    }

    /// Calls the committed or the rolled-back listeners.
    async fn settle(
        &self,
        event: &E,
        output: Option<&E::Output>,
        settlement: Settlement<'_>,
        scope: &Scope<'_>,
    ) {
        if self.committed.is_empty() && self.rolled_back.is_empty() {
            return;
        }
        match (settlement, output) {
            (Settlement::Committed, Some(output)) => {
                for index in 0..self.committed.entries().len() {
                    let handle = Committed { event, output, scope };
                    isolate(&self.committed, index, handle, scope).await;
                }
            }
            (Settlement::Committed, None) => {}
            (Settlement::RolledBack(error), _) => {
                for index in 0..self.rolled_back.entries().len() {
                    let handle = RolledBack { event, error, scope };
                    isolate(&self.rolled_back, index, handle, scope).await;
                }
            }
        }
    }

    /// Copies an output for the committed listeners; a panic in that changes nothing for anybody else.
    fn copy(&self, output: &E::Output) -> Option<E::Output> {
        let copied = catch(|| self.copy_output.map(|copy| copy(output)));
        copied.unwrap_or_else(|error| {
            tracing::error!(
                event = E::NAME,
                %error,
                "an output could not be copied, so no committed listener is called with it"
            );
            None
        })
    }

    /// Keeps the event until its unit of work is over, if a listener waits for that, and returns the output.
    fn defer(
        &self,
        work: &Work,
        scope: &Scope<'_>,
        mut frame: Frame<E>,
        result: Result<()>,
    ) -> Result<E::Output> {
        let output = match result {
            Ok(()) => frame.output.take().ok_or_else(|| Error::not_handled(E::NAME)),
            Err(error) => Err(error),
        };
        if !self.committed.is_empty() || !self.rolled_back.is_empty() {
            let copy = output.as_ref().ok().and_then(|output| self.copy(output));
            let trace = scope.trace.map(TraceNode::id);
            work.defer(Box::new(DeferredEvent { event: frame.event, output: copy, trace }));
        }
        output
    }
}

/// An event whose committed or rolled-back listeners wait for the end of its unit of work.
struct DeferredEvent<E: Event> {
    event: E,
    output: Option<E::Output>,
    /// Its number in the trace.
    trace: Option<usize>,
}

impl<E: Event> Deferred for DeferredEvent<E> {
    fn settle<'a>(
        self: Box<Self>,
        process: &'a Scope<'a>,
        settlement: Settlement<'a>,
    ) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            if let Some(pipeline) = process.core.pipeline::<E>() {
                let description = pipeline.description();
                let (parent, depth) = (Some(process), process.depth + 1);
                let log = process.context.trace_log();
                let trace = log.zip(self.trace).map(|(log, id)| log.node(id));
                let scope = Scope { description, parent, depth, trace, ..*process };
                pipeline.settle(&self.event, self.output.as_ref(), settlement, &scope).await;
            }
        })
    }
}

/// Calls a listener whose failure changes nothing, and reports the failure once.
async fn isolate<'a, P: Phase<Return = ()>>(
    lane: &'a Lane<P>,
    index: usize,
    handle: P::Handle<'a>,
    scope: &Scope<'_>,
) {
    if let Some(Err(error)) = lane.call(index, handle, scope).await {
        tracing::error!(
            event = scope.description.name,
            listener = lane.name(index, scope),
            phase = P::NAME.as_str(),
            %error,
            "a listener failed whose failure changes nothing"
        );
    }
}

/// A process was run in a core without a provider of units of work.
#[derive(Debug, thiserror::Error)]
#[error("`{process}` needs a unit of work, and this core has no provider of them")]
struct NoUnitOfWork {
    process: &'static str,
}
