//! Processes: they end a unit of work or a savepoint, commit it or roll it back, or share the fate of the one around.

use std::sync::Arc;

use super::{Pipeline, Standing, pausing::pause};
use crate::{
    error::{Error, Result},
    event::Event,
    future::{BoxFuture, catch},
    phase::Frame,
    scope::Scope,
    unit_of_work::{Settlement, Work},
};

/// How often a process is run whose unit of work loses each time.
const MOST_RUNS: u32 = 3;

impl<E: Event> Pipeline<E> {
    /// Runs a process. In a box, so that no other event is compiled with what only a process needs.
    pub(super) fn run_process<'a>(
        &'a self,
        scope: &'a Scope<'a>,
        standing: Standing<'a>,
        event: E,
    ) -> BoxFuture<'a, Result<E::Output>> {
        match standing {
            Standing::Outside | Standing::Owner => Box::pin(self.run_as_owner(scope, event)),
            Standing::Inside(work) | Standing::Joined(work) => {
                Box::pin(self.run_joined(work, scope, event))
            }
            Standing::Savepoint(work) => Box::pin(self.run_in_savepoint(work, scope, event)),
        }
    }

    /// Runs a process that shares the fate of the one around it.
    async fn run_joined(&self, work: &Work, scope: &Scope<'_>, event: E) -> Result<E::Output> {
        let mut frame = Frame::new(event);
        let joined = work.join(E::NAME);
        let result = self.phases(&mut frame, scope).await;
        if result.is_ok() {
            joined.succeeded();
        }
        self.observe(&frame, &result, scope).await;
        self.defer(work, scope, frame, result)
    }

    /// Runs a process in a unit of work of its own, and again in another one if that lost and it may be repeated.
    async fn run_as_owner(&self, scope: &Scope<'_>, event: E) -> Result<E::Output> {
        let mut frame = Frame::new(event);
        let Some((provider, _)) = &scope.core.units_of_work else {
            return Err(Error::internal(NoUnitOfWork { process: E::NAME }));
        };
        let mut runs = 1;
        let (work, result) = loop {
            let spare = E::REPEAT.filter(|_| runs < MOST_RUNS).and_then(|copy| spare(copy, &frame));
            let work = Arc::new(Work::new(Arc::clone(provider)));
            let result = self.run_in(&work, scope, &mut frame).await;
            match (spare, &result) {
                (Some(event), Err(error)) if may_run_again(error, runs, scope).await => {
                    frame = Frame::new(event);
                    runs += 1;
                }
                _ => break (work, result),
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

    /// Runs a process in this unit of work, and commits it or rolls it back.
    async fn run_in(
        &self,
        work: &Arc<Work>,
        scope: &Scope<'_>,
        frame: &mut Frame<E>,
    ) -> Result<()> {
        let inside = scope.context.inside(Arc::clone(work));
        match self.phases(frame, &Scope { context: &inside, ..*scope }).await {
            Ok(()) => work.commit().await.map_err(|error| {
                error.arose_in(Some("the commit of the unit of work"), || scope.chain())
            }),
            Err(error) => {
                work.rollback().await;
                Err(error)
            }
        }
    }

    /// Runs a process in a savepoint of the unit of work around it.
    async fn run_in_savepoint(
        &self,
        work: &Work,
        scope: &Scope<'_>,
        event: E,
    ) -> Result<E::Output> {
        let mut frame = Frame::new(event);
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
}

/// A copy of a process that is about to run, to be run if that loses; a panic in copying only keeps it from being run
/// again.
fn spare<E: Event>(copy: fn(&E) -> E, frame: &Frame<E>) -> Option<E> {
    let copied = catch(|| copy(&frame.event));
    copied
        .inspect_err(|error| {
            tracing::error!(
                event = E::NAME,
                %error,
                "a repeatable process could not be copied, so it is not run again if its unit of work loses"
            );
        })
        .ok()
}

/// Whether a process that failed so, and was rolled back, may succeed if it is run again now, which is after a pause.
async fn may_run_again(error: &Error, runs: u32, scope: &Scope<'_>) -> bool {
    let may = error.is_transient() && pause(runs, scope).await;
    if may {
        tracing::debug!(
            event = scope.description.name,
            %error,
            "the unit of work lost against another one and is run again"
        );
    }
    may
}

/// A process was run in a core without a provider of units of work.
#[derive(Debug, thiserror::Error)]
#[error("`{process}` needs a unit of work, and this core has no provider of them")]
struct NoUnitOfWork {
    process: &'static str,
}
