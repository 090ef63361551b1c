//! Processes: they end a unit of work or a savepoint, commit it or roll it back, or share the fate of the one around.

use std::sync::{Arc, atomic::AtomicBool};

use super::{
    compensation::Compensations,
    completion::{Completion, When},
    ending::{Ended, Ending},
    entry::Entry,
    exchange::{Answer, AnyExchange, Frame},
    phases::SAVEPOINT,
    propagation::Enclosing,
    scope::{EndedScope, Scope},
    unit_of_work::{Savepoint, Work},
};
use crate::{
    error::{Error, Result},
    future::catch,
};

impl Entry {
    /// Runs a process.
    pub(super) async fn run_process(
        &self,
        scope: &Scope<'_>,
        enclosing: Enclosing<'_>,
        exchange: Box<dyn AnyExchange>,
    ) -> Result<Answer> {
        let answer = match enclosing {
            Enclosing::Outside => self.run_as_owner(scope, exchange).await,
            Enclosing::Inside(work) => self.run_joined(work, scope, exchange).await,
            Enclosing::Savepoint(work) => self.run_in_savepoint(work, scope, exchange).await,
        };
        answer.map_err(Error::beyond_its_process)
    }

    /// Runs a process that shares the fate of the one around it.
    async fn run_joined(
        &self,
        work: &Work,
        scope: &Scope<'_>,
        exchange: Box<dyn AnyExchange>,
    ) -> Result<Answer> {
        let mut frame = Frame::new(exchange);
        let joined = work.join(self.name());
        let result = self.phases(frame.parts(), scope).await;
        self.observe(&mut frame, &result, scope).await;
        // Last, so that one that is given up while it is observed has not succeeded.
        if result.as_ref().map_or_else(Error::has_done_nothing, |()| true) {
            joined.ended_well();
        }
        self.defer(work, scope, frame, result, None)
    }

    /// Runs a process in a unit of work of its own, and again in another one if that lost and it may be repeated.
    ///
    /// What follows its phases is a future that owns all it needs, so that it can go on without the caller.
    async fn run_as_owner(
        &self,
        scope: &Scope<'_>,
        mut exchange: Box<dyn AnyExchange>,
    ) -> Result<Answer> {
        let Some((provider, _)) = &scope.core.units_of_work else {
            return Err(Error::internal(NoUnitOfWork { process: self.name() }));
        };
        let mut runs = 1;
        loop {
            let attempts = self.repeat.map_or(1, |policy| policy.attempts);
            let spare = if runs < attempts { self.spare(&*exchange) } else { None };
            let context = scope.context.attempted(runs);
            let scope = &Scope { context: &context, part_of: Some(scope.id()), ..*scope };
            let work = Arc::new(Work::new(Arc::clone(provider), self.name(), scope.context));
            let mut frame = Frame::new(exchange);
            let inside = scope.context.inside(Arc::clone(&work));
            let result = self.phases(frame.parts(), &Scope { context: &inside, ..*scope }).await;
            let left = Arc::new(AtomicBool::new(false));
            let is_awaited = !self.is_unobserved() || work.has_deferred();
            let ending = Ending {
                dispatch: EndedScope::in_span(scope),
                saga: scope.saga().map(Compensations::shared),
                work,
                frame,
                result,
                runs,
                spare,
                deadline: scope.context.deadline(),
                caller_left: Arc::clone(&left),
            };
            let when = When::Always { left, is_awaited };
            let core = scope.core.to_core();
            match Completion::new(core, self.name(), when, ending.complete()).await {
                Ended::Finally(result) => return result,
                Ended::Lost(spare) => exchange = spare,
            }
            runs += 1;
        }
    }

    /// Runs a process in a savepoint of the unit of work around it.
    ///
    /// Its observers run in a savepoint around that one: they see whether it was kept, and if the process is given up
    /// while they run, it is undone all the same.
    async fn run_in_savepoint(
        &self,
        work: &Arc<Work>,
        scope: &Scope<'_>,
        exchange: Box<dyn AnyExchange>,
    ) -> Result<Answer> {
        let mut frame = Frame::new(exchange);
        let placed = |error: Error| error.arose_in(Some(SAVEPOINT), || scope.chain());
        let observed = (!self.observe.is_empty()).then(|| work.savepoint(self.name()));
        let savepoint = observed.as_ref().map_or(work, Savepoint::work).savepoint(self.name());
        let inside = scope.context.inside(Arc::clone(savepoint.work()));
        let result = self.phases(frame.parts(), &Scope { context: &inside, ..*scope }).await;
        let mut result = savepoint.settle(result, placed).await;
        if let Some(observed) = observed {
            let inside = scope.context.inside(Arc::clone(observed.work()));
            self.observe(&mut frame, &result, &Scope { context: &inside, ..*scope }).await;
            result = result.and(observed.settle(Ok(()), placed).await);
        } else {
            self.observe(&mut frame, &result, scope).await;
        }
        let undone_by = result.as_ref().err().cloned().map(Arc::new);
        self.defer(work, scope, frame, result, undone_by)
    }

    /// A copy of a process that is about to run, to be run if that loses; a panic in copying only keeps it from being
    /// run again.
    fn spare(&self, exchange: &dyn AnyExchange) -> Option<Box<dyn AnyExchange>> {
        let copied = catch(|| exchange.spare());
        copied.unwrap_or_else(|error| {
            tracing::error!(
                event = self.name(),
                %error,
                "a repeatable process could not be copied, so it is not run again if its unit of work loses"
            );
            None
        })
    }
}

/// A process was run in a core without a provider of units of work.
#[derive(Debug, thiserror::Error)]
#[error("`{process}` needs a unit of work, and this core has no provider of them")]
struct NoUnitOfWork {
    process: &'static str,
}
