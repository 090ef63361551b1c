//! The unit of work of one process: lazily begun, shared with what is nested in it, settled once.

use std::{any::Any, sync::Arc};

use parking_lot::Mutex;

use super::{UnitOfWork, UnitOfWorkProvider};
use crate::{
    compensation::Compensation,
    error::{Error, Result},
    future::{BoxFuture, caught},
    scope::Scope,
};

/// The unit of work of one process and of everything that is nested in it.
pub(crate) struct Work {
    provider: Arc<dyn UnitOfWorkProvider>,
    state: async_lock::Mutex<State>,
    book: Mutex<Book>,
}

enum State {
    Idle,
    Open(Box<dyn UnitOfWork>),
    Finished,
}

#[derive(Default)]
struct Book {
    /// Events whose committed and rolled-back listeners wait for the end.
    deferred: Vec<Waiting>,
    /// What is to take this unit of work back if its saga fails after the commit.
    compensations: Vec<Box<dyn Compensation>>,
    /// The nested process that failed or was dropped without a savepoint.
    doomed_by: Option<&'static str>,
    /// How many savepoints are open.
    savepoints: u32,
    /// The outermost savepoint whose process was dropped before it could go back.
    abandoned: Option<u32>,
}

/// An event that waits for the end of its unit of work.
pub(crate) trait Deferred: Send {
    /// Calls the listeners that waited, as part of the saga of the process whose unit of work is over.
    fn settle<'a>(
        self: Box<Self>,
        process: &'a Scope<'a>,
        settlement: Settlement<'a>,
    ) -> BoxFuture<'a, ()>;
}

/// An event that waits, and what it was undone by if that was with a savepoint.
pub(crate) struct Waiting {
    event: Box<dyn Deferred>,
    undone_by: Option<Arc<Error>>,
}

impl Waiting {
    /// Calls the listeners that waited. One that was undone with a savepoint stays undone, however the unit of work
    /// ended.
    pub(crate) async fn settle(self, process: &Scope<'_>, settlement: Settlement<'_>) {
        let settlement = self.undone_by.as_deref().map_or(settlement, Settlement::RolledBack);
        self.event.settle(process, settlement).await;
    }
}

/// How a unit of work ended.
#[derive(Clone, Copy)]
pub(crate) enum Settlement<'a> {
    Committed,
    RolledBack(&'a Error),
}

impl Work {
    pub(crate) fn new(provider: Arc<dyn UnitOfWorkProvider>) -> Self {
        Self { provider, state: async_lock::Mutex::new(State::Idle), book: Mutex::default() }
    }

    /// Waits for its turn, begins the unit of work at the first call, and hands it out.
    pub(crate) async fn lock(&self) -> Result<UnitOfWorkGuard<'_>> {
        let mut state = self.state.lock().await;
        if let State::Idle = *state {
            *state = State::Open(caught(|| self.provider.begin()).await?);
        }
        let mut guard = UnitOfWorkGuard { state };
        let abandoned = self.book.lock().abandoned;
        if let Some(number) = abandoned {
            let unit = guard.unit()?;
            caught(|| unit.rollback_to_savepoint(number)).await?;
            let mut book = self.book.lock();
            book.savepoints = number;
            book.abandoned = None;
        }
        guard.unit()?;
        Ok(guard)
    }

    /// Keeps an event until the unit of work is over, whose error it was undone by if that was with a savepoint.
    pub(crate) fn defer(&self, event: Box<dyn Deferred>, undone_by: Option<Arc<Error>>) {
        self.book.lock().deferred.push(Waiting { event, undone_by });
    }

    /// Whether an event waits for the end.
    pub(crate) fn has_deferred(&self) -> bool {
        !self.book.lock().deferred.is_empty()
    }

    pub(crate) fn take_deferred(&self) -> Vec<Waiting> {
        std::mem::take(&mut self.book.lock().deferred)
    }

    pub(crate) fn compensate(&self, compensation: Box<dyn Compensation>) {
        self.book.lock().compensations.push(compensation);
    }

    pub(crate) fn take_compensations(&self) -> Vec<Box<dyn Compensation>> {
        std::mem::take(&mut self.book.lock().compensations)
    }

    /// Commits, unless a nested process failed and was not to fail alone.
    pub(crate) async fn commit(&self) -> Result<()> {
        let abandoned = self.book.lock().abandoned.is_some();
        if abandoned && let Err(error) = self.lock().await.map(drop) {
            self.rollback().await;
            return Err(error);
        }
        let doomed_by = self.book.lock().doomed_by;
        if let Some(event) = doomed_by {
            self.rollback().await;
            return Err(Error::internal(Doomed { event }));
        }
        match self.finish().await {
            Some(unit) => caught(|| unit.commit()).await,
            None => Ok(()),
        }
    }

    /// Rolls back. A store that does not confirm it has not committed either, so that is only logged.
    pub(crate) async fn rollback(&self) {
        if let Some(unit) = self.finish().await
            && let Err(error) = caught(|| unit.rollback()).await
        {
            tracing::warn!(%error, "the store did not confirm a rollback");
        }
    }

    async fn finish(&self) -> Option<Box<dyn UnitOfWork>> {
        match std::mem::replace(&mut *self.state.lock().await, State::Finished) {
            State::Open(unit) => Some(unit),
            State::Idle | State::Finished => None,
        }
    }

    /// Notes that a nested process has begun; unless told otherwise, its end is a failure.
    pub(crate) fn join(&self, event: &'static str) -> Joined<'_> {
        Joined { work: self, event, succeeded: false }
    }

    /// Opens a savepoint, beginning the unit of work if need be.
    pub(crate) async fn savepoint(&self) -> Result<Savepoint<'_>> {
        let mut guard = self.lock().await?;
        let number = self.book.lock().savepoints;
        let unit = guard.unit()?;
        caught(|| unit.savepoint(number)).await?;
        let mut book = self.book.lock();
        book.savepoints = number + 1;
        Ok(Savepoint {
            work: self,
            number,
            deferred: book.deferred.len(),
            compensations: book.compensations.len(),
            doomed_by: book.doomed_by,
            is_over: false,
        })
    }
}

/// A nested process that shares the fate of the one around it.
pub(crate) struct Joined<'a> {
    work: &'a Work,
    event: &'static str,
    succeeded: bool,
}

impl Joined<'_> {
    pub(crate) fn succeeded(mut self) {
        self.succeeded = true;
    }
}

impl Drop for Joined<'_> {
    fn drop(&mut self) {
        if !self.succeeded {
            self.work.book.lock().doomed_by.get_or_insert(self.event);
        }
    }
}

/// A nested process that may fail alone.
pub(crate) struct Savepoint<'a> {
    work: &'a Work,
    number: u32,
    /// How many events were deferred before it.
    deferred: usize,
    /// How many compensations there were before it.
    compensations: usize,
    /// What had doomed the unit of work before it.
    doomed_by: Option<&'static str>,
    is_over: bool,
}

impl Savepoint<'_> {
    /// Keeps what was done since, or undoes it. The events that had ended meanwhile were undone by the error, with
    /// its place in the wiring.
    ///
    /// A store that does not confirm that it is undone is asked again before anything else is done in it.
    pub(crate) async fn settle(
        mut self,
        result: Result<()>,
        placed: impl FnOnce(Error) -> Error,
    ) -> Result<()> {
        let error = match result {
            Ok(()) => match self.release().await {
                Ok(()) => return Ok(()),
                Err(error) => error,
            },
            Err(error) => error,
        };
        let error = placed(error);
        if let Err(unconfirmed) = self.roll_back().await {
            tracing::warn!(error = %unconfirmed, "the store did not confirm a rollback to a savepoint");
        }
        let mut book = self.work.book.lock();
        book.compensations.truncate(self.compensations);
        let since = book.deferred.get_mut(self.deferred..).unwrap_or_default();
        if !since.is_empty() {
            let undone_by = Arc::new(error.clone());
            for waiting in since {
                waiting.undone_by.get_or_insert_with(|| Arc::clone(&undone_by));
            }
        }
        drop(book);
        Err(error)
    }

    /// Keeps what was done since, unless a nested process failed and was not to fail alone.
    async fn release(&mut self) -> Result<()> {
        let doomed_by = self.work.book.lock().doomed_by;
        if let Some(event) = doomed_by.filter(|_| doomed_by != self.doomed_by) {
            return Err(Error::internal(Doomed { event }));
        }
        let mut guard = self.work.lock().await?;
        let unit = guard.unit()?;
        caught(|| unit.release_savepoint(self.number)).await?;
        self.work.book.lock().savepoints = self.number;
        self.is_over = true;
        Ok(())
    }

    async fn roll_back(&mut self) -> Result<()> {
        let mut guard = self.work.lock().await?;
        let unit = guard.unit()?;
        caught(|| unit.rollback_to_savepoint(self.number)).await?;
        let mut book = self.work.book.lock();
        book.savepoints = self.number;
        book.doomed_by = self.doomed_by;
        self.is_over = true;
        Ok(())
    }
}

impl Drop for Savepoint<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            let mut book = self.work.book.lock();
            let mut place = 0..;
            book.deferred.retain(|waiting| {
                place.next() < Some(self.deferred) || waiting.undone_by.is_some()
            });
            book.compensations.truncate(self.compensations);
            book.doomed_by = self.doomed_by;
            book.abandoned = Some(book.abandoned.map_or(self.number, |n| n.min(self.number)));
        }
    }
}

/// Exclusive access to the unit of work of a process, for as long as it lives.
pub struct UnitOfWorkGuard<'a> {
    state: async_lock::MutexGuard<'a, State>,
}

impl UnitOfWorkGuard<'_> {
    /// The adapter's own unit of work; `None` when another adapter's is in use.
    pub fn downcast_mut<T: UnitOfWork>(&mut self) -> Option<&mut T> {
        find(self.unit().ok()?)
    }

    fn unit(&mut self) -> Result<&mut dyn UnitOfWork> {
        match &mut *self.state {
            State::Open(unit) => Ok(&mut **unit),
            State::Idle | State::Finished => Err(Error::internal(Over)),
        }
    }
}

/// Finds an adapter's own unit of work, behind whatever stands before it.
fn find<T: UnitOfWork>(unit: &mut dyn UnitOfWork) -> Option<&mut T> {
    if (&*unit as &dyn Any).is::<T>() {
        return (unit as &mut dyn Any).downcast_mut();
    }
    find(unit.inner()?)
}

impl std::fmt::Debug for UnitOfWorkGuard<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UnitOfWorkGuard").finish_non_exhaustive()
    }
}

/// Somebody kept a context beyond the end of its process.
#[derive(Debug, thiserror::Error)]
#[error("the unit of work is over: its process has been committed or rolled back already")]
struct Over;

/// A nested process failed, and whoever dispatched it went on as if it had not.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{event}` failed inside of this unit of work, which therefore cannot be committed; \
     let the error through, or dispatch `{event}` with `dispatch_in_savepoint` so that it may fail alone"
)]
struct Doomed {
    event: &'static str,
}
