//! The end of a process: its commit or rollback, and everybody who is told of it, in a future that may outlive the
//! caller.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use super::{
    compensation::Compensations,
    exchange::{Answer, AnyExchange, Frame},
    pausing::pause,
    scope::EndedScope,
    unit_of_work::Work,
};
use crate::error::Result;

/// A process whose phases have ended, with everything that it takes to end it.
pub(super) struct Ending {
    pub(super) dispatch: EndedScope,
    pub(super) saga: Option<Compensations>,
    pub(super) work: Arc<Work>,
    pub(super) frame: Frame,
    /// What its phases came to.
    pub(super) result: Result<()>,
    /// How often it has been run.
    pub(super) runs: u32,
    /// What it may be run with again.
    pub(super) spare: Option<Box<dyn AnyExchange>>,
    pub(super) deadline: Option<Instant>,
    /// Whether nobody is there to run it again.
    pub(super) caller_left: Arc<AtomicBool>,
}

/// How a run of a process ended.
pub(super) enum Ended {
    Finally(Result<Answer>),
    /// It lost against another unit of work, and may be run again with this.
    Lost(Box<dyn AnyExchange>),
}

impl Ending {
    /// Commits or rolls back, and calls everybody who waits for that.
    pub(super) async fn complete(mut self) -> Ended {
        let scope = &self.dispatch.within(self.saga.as_ref());
        let _completing = scope.context.completing();
        let work = &self.work;
        let result = match self.result {
            Ok(()) => work.commit().await.map_err(|error| {
                error.arose_in(Some("the commit of the unit of work"), || scope.chain())
            }),
            Err(error) => {
                work.rollback().await;
                Err(error)
            }
        };
        let has_caller = || !self.caller_left.load(Ordering::Acquire);
        if let Err(error) = &result
            && error.is_retryable()
            && let Some(spare) = self.spare.take_if(|_| has_caller())
            && let Some(policy) = scope.entry.repeat
            && pause(policy, self.runs, self.deadline).await
            && has_caller()
        {
            tracing::debug!(
                event = scope.entry.name(),
                %error,
                "the unit of work lost against another one and is run again"
            );
            return Ended::Lost(spare);
        }
        if let (Ok(()), Some(saga)) = (&result, scope.saga()) {
            saga.extend(work.take_compensations());
        }
        scope.entry.observe(&mut self.frame, &result, scope).await;
        let ended = result.as_ref().copied();
        for waiting in work.take_deferred() {
            waiting.settle(scope, ended).await;
        }
        scope.entry.settle(self.frame.parts(), ended, scope).await;
        Ended::Finally(result.map(|()| self.frame.answer()))
    }
}
