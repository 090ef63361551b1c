//! The committed and the rolled-back listeners, at once or when the unit of work around is over.

use super::Pipeline;
use crate::{
    dispatcher::lane::Lane,
    error::{Error, Result},
    event::Event,
    future::{BoxFuture, catch},
    phase::{Committed, Frame, Phase, RolledBack},
    scope::Scope,
    trace::TraceNode,
    unit_of_work::{Deferred, Settlement, Work},
};

impl<E: Event> Pipeline<E> {
    /// Calls the committed or the rolled-back listeners.
    pub(super) async fn settle(
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
    pub(super) fn defer(
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
pub(super) async fn isolate<'a, P: Phase<Return = ()>>(
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
