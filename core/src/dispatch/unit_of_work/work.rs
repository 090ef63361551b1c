//! One level of a process's unit of work: the unit of work itself, or a savepoint in it.

use std::{mem, sync::Arc, time::Duration};

use async_lock::{Mutex as Permit, MutexGuard, MutexGuardArc};
use parking_lot::Mutex;

use super::{
    Joined, Savepoint, UnitOfWork, UnitOfWorkGuard, UnitOfWorkId, UnitOfWorkProvider,
    failure::{Doomed, Forgotten, NoTurn, Over},
    waiting::{Deferred, Waiting},
    within::within,
};
use crate::{
    dispatch::{
        compensation::Compensation,
        context::{Changing, Context, Draft, ResponseHead},
    },
    error::{Error, Result},
    future::caught,
};

/// One level of a process's unit of work: the unit of work itself, or a savepoint in it.
///
/// Each level has one permit. A repository holds it while it has the unit of work, and a savepoint that is open holds the
/// permit of the level around it until it is kept or undone. So futures that run side by side in one process use its unit
/// of work one after the other, and savepoints nest.
///
/// A level begins with the first call of a repository in it, and the levels around it begin with it.
pub(crate) struct Work {
    store: Arc<Store>,
    /// The event that it belongs to.
    event: &'static str,
    /// The level around it, if this is a savepoint.
    around: Option<Arc<Self>>,
    /// How many savepoints it is inside of, itself included.
    depth: u32,
    permit: Arc<Permit<()>>,
    progress: Mutex<Progress>,
    /// What it makes of the head of the response.
    response: Changing<Option<Draft>>,
}

/// What all levels of one unit of work share.
struct Store {
    id: UnitOfWorkId,
    provider: Arc<dyn UnitOfWorkProvider>,
    /// Where the process was dispatched.
    outside: Context,
    /// Locked by whoever has the permit of the innermost level, so nobody ever waits for it.
    unit: Permit<State>,
}

pub(super) enum State {
    Idle,
    Open(Box<dyn UnitOfWork>),
    Finished,
}

/// What a level has noted.
#[derive(Default)]
struct Progress {
    stage: Stage,
    /// The savepoint that holds the permit of this level.
    lent_to: Option<&'static str>,
    /// Whether a savepoint in this level was dropped before it was kept or undone.
    has_abandoned: bool,
    /// Nested processes and savepoints that have begun and not ended well.
    unfinished: Vec<(u64, &'static str)>,
    /// How many have begun.
    begun: u64,
    /// Events whose committed and rolled-back listeners wait for the end.
    deferred: Vec<Waiting>,
    /// Steps that undo this unit of work if its saga fails after the commit.
    compensations: Vec<Box<dyn Compensation>>,
}

/// How far a level has come.
#[derive(Default)]
enum Stage {
    /// No repository was called in it.
    #[default]
    Idle,
    /// It has begun; a savepoint holds the permit of the level around it.
    Open { _around: Option<MutexGuardArc<()>> },
    /// It was kept or undone.
    Over,
}

impl Work {
    /// The unit of work of a process that is dispatched in this context.
    pub(crate) fn new(
        provider: Arc<dyn UnitOfWorkProvider>,
        process: &'static str,
        outside: &Context,
    ) -> Self {
        let unit = Permit::new(State::Idle);
        let (id, outside) = (UnitOfWorkId::next(), outside.same());
        let store = Arc::new(Store { id, provider, outside, unit });
        Self::at(store, process, None, 0)
    }

    fn at(store: Arc<Store>, event: &'static str, around: Option<Arc<Self>>, depth: u32) -> Self {
        let permit = Arc::new(Permit::new(()));
        let (progress, response) = (Mutex::default(), Changing::default());
        Self { store, event, around, depth, permit, progress, response }
    }

    /// What tells the whole unit of work from others.
    pub(crate) fn id(&self) -> UnitOfWorkId {
        self.store.id
    }

    /// A savepoint in this level, which begins with the first call of a repository in it.
    pub(crate) fn savepoint(self: &Arc<Self>, event: &'static str) -> Savepoint {
        let (store, around) = (Arc::clone(&self.store), Some(Arc::clone(self)));
        let inner = Arc::new(Self::at(store, event, around, self.depth + 1));
        Savepoint::new(inner, self.begin(event))
    }

    /// Notes that a nested process has begun, which shares the fate of this level.
    pub(crate) fn join(&self, event: &'static str) -> Joined<'_> {
        Joined::new(self, self.begin(event))
    }

    fn begin(&self, event: &'static str) -> u64 {
        let mut progress = self.progress.lock();
        progress.begun += 1;
        let number = progress.begun;
        progress.unfinished.push((number, event));
        number
    }

    /// Notes that a nested process ended well, or that nothing is left of it.
    pub(super) fn ended(&self, number: u64) {
        self.progress.lock().unfinished.retain(|(unfinished, _)| *unfinished != number);
    }

    /// Waits for its permit, begins the unit of work at the first call, and hands it out.
    pub(crate) async fn lock(&self) -> Result<UnitOfWorkGuard<'_>> {
        let permit = match self.permit.try_lock() {
            Some(permit) => permit,
            None => self.waited(self.permit.lock()).await?,
        };
        self.open().await?;
        let mut state = self.claim()?;
        state.unit()?;
        Ok(UnitOfWorkGuard::new(state, permit))
    }

    /// Waits for the permit of this level, within a limit.
    async fn waited<T>(&self, permit: impl Future<Output = T>) -> Result<T> {
        let limit = self.store.provider.wait_limit();
        within(limit, permit).await.ok_or_else(|| self.no_turn(limit))
    }

    #[cold]
    fn no_turn(&self, limit: Duration) -> Error {
        let process = self.event;
        Error::internal(match self.progress.lock().lent_to {
            Some(savepoint) => NoTurn::OfSavepoint { process, savepoint, limit },
            None => NoTurn::OfRepository { process, limit },
        })
    }

    /// Begins this level, and those around it, if it has not begun; then undoes what was abandoned in it. Its permit is
    /// the caller's.
    async fn open(&self) -> Result<()> {
        let (is_idle, has_abandoned) = {
            let progress = self.progress.lock();
            (matches!(progress.stage, Stage::Idle), progress.has_abandoned)
        };
        if is_idle {
            let around = Box::pin(self.begin_in_store()).await?;
            self.progress.lock().stage = Stage::Open { _around: around };
        }
        if has_abandoned { self.undo_abandoned().await } else { Ok(()) }
    }

    /// Begins this level, and gives the permit of the level around it.
    async fn begin_in_store(&self) -> Result<Option<MutexGuardArc<()>>> {
        let Some(around) = &self.around else {
            let mut state = self.claim()?;
            if let State::Idle = *state {
                *state = State::Open(caught(|| self.store.provider.begin()).await?);
            }
            return Ok(None);
        };
        let permit = match around.permit.try_lock_arc() {
            Some(permit) => permit,
            None => around.waited(around.permit.lock_arc()).await?,
        };
        around.open().await?;
        let mut state = self.claim()?;
        let unit = state.unit()?;
        caught(|| unit.savepoint(around.depth)).await?;
        around.progress.lock().lent_to = Some(self.event);
        Ok(Some(permit))
    }

    /// The unit of work itself, which is free for whoever has the permit, unless a future that had it was forgotten.
    fn claim(&self) -> Result<MutexGuard<'_, State>> {
        self.store.unit.try_lock().ok_or_else(|| Error::internal(Forgotten { process: self.event }))
    }

    /// Undoes a savepoint in this level that was dropped before it was kept or undone.
    async fn undo_abandoned(&self) -> Result<()> {
        let mut state = self.claim()?;
        let unit = state.unit()?;
        caught(|| unit.rollback_to_savepoint(self.depth)).await?;
        self.progress.lock().has_abandoned = false;
        Ok(())
    }

    /// Keeps an event until the unit of work is over, whose error it was undone by if that was with a savepoint.
    pub(crate) fn defer(&self, event: Box<dyn Deferred>, undone_by: Option<Arc<Error>>) {
        self.progress.lock().deferred.push(Waiting { event, undone_by });
    }

    /// Whether an event waits for the end.
    pub(crate) fn has_deferred(&self) -> bool {
        !self.progress.lock().deferred.is_empty()
    }

    /// Notes that the events that had ended in this savepoint were undone with it.
    pub(super) fn undone_by(&self, error: &Error) {
        let mut progress = self.progress.lock();
        if !progress.deferred.is_empty() {
            let undone_by = Arc::new(error.clone());
            for waiting in &mut progress.deferred {
                waiting.undone_by.get_or_insert_with(|| Arc::clone(&undone_by));
            }
        }
    }

    pub(crate) fn take_deferred(&self) -> Vec<Waiting> {
        mem::take(&mut self.progress.lock().deferred)
    }

    pub(crate) fn compensate(&self, compensation: Box<dyn Compensation>) {
        self.progress.lock().compensations.push(compensation);
    }

    pub(crate) fn take_compensations(&self) -> Vec<Box<dyn Compensation>> {
        mem::take(&mut self.progress.lock().compensations)
    }

    /// Changes the head of the response, as a part of this level.
    pub(crate) fn response<T>(&self, change: impl FnOnce(&mut ResponseHead) -> T) -> T {
        self.response.change(|draft| {
            let draft = draft.get_or_insert_with(|| Draft::of(self.response_around()));
            change(&mut draft.now)
        })
    }

    /// The head of the response as it is seen in this level.
    pub(crate) fn response_now(&self) -> ResponseHead {
        let draft = self.response.change(|draft| draft.as_ref().map(|draft| draft.now.clone()));
        draft.unwrap_or_else(|| self.response_around())
    }

    fn response_around(&self) -> ResponseHead {
        match &self.around {
            Some(around) => around.response_now(),
            None => self.store.outside.response_now(),
        }
    }

    /// Makes what this level did to the head of the response a part of what is around it.
    fn keep_response(&self) {
        if let Some(draft) = self.response.change(Option::take) {
            match &self.around {
                Some(around) => around.response(|head| draft.apply_to(head)),
                None => self.store.outside.response(|head| draft.apply_to(head)),
            }
        }
    }

    /// Commits, unless a nested process failed and was not to fail alone.
    pub(crate) async fn commit(&self) -> Result<()> {
        if let Err(error) = self.check().await {
            self.rollback().await;
            return Err(error);
        }
        if let Some(unit) = self.finish()? {
            caught(|| unit.commit()).await?;
        }
        self.keep_response();
        Ok(())
    }

    /// Whether this level may be kept: nothing in it failed or is still under way, and what was abandoned is undone.
    async fn check(&self) -> Result<()> {
        let (unfinished, has_abandoned) = {
            let progress = self.progress.lock();
            (progress.unfinished.first().copied(), progress.has_abandoned)
        };
        match unfinished {
            Some((_, event)) => Err(Error::internal(Doomed { event })),
            None if has_abandoned => self.undo_abandoned().await,
            None => Ok(()),
        }
    }

    /// Rolls back. A store that does not confirm it has not committed either, so that is only logged.
    pub(crate) async fn rollback(&self) {
        let rolled_back = match self.finish() {
            Ok(Some(unit)) => caught(|| unit.rollback()).await,
            Ok(None) => Ok(()),
            Err(error) => Err(error),
        };
        if let Err(error) = rolled_back {
            tracing::warn!(%error, "the store did not confirm a rollback");
        }
    }

    fn finish(&self) -> Result<Option<Box<dyn UnitOfWork>>> {
        match mem::replace(&mut *self.claim()?, State::Finished) {
            State::Open(unit) => Ok(Some(unit)),
            State::Idle | State::Finished => Ok(None),
        }
    }

    /// Keeps a savepoint as a part of the level around it.
    pub(super) async fn release(&self) -> Result<()> {
        self.check().await?;
        let Some(around) = &self.around else { return Ok(()) };
        if self.is_open() {
            let mut state = self.claim()?;
            let unit = state.unit()?;
            caught(|| unit.release_savepoint(around.depth)).await?;
        }
        let (deferred, compensations) = (self.take_deferred(), self.take_compensations());
        let mut progress = around.progress.lock();
        progress.deferred.extend(deferred);
        progress.compensations.extend(compensations);
        drop(progress);
        self.keep_response();
        self.close(around);
        Ok(())
    }

    /// Undoes a savepoint.
    pub(super) async fn roll_back_to(&self) -> Result<()> {
        let Some(around) = &self.around else { return Ok(()) };
        if self.is_open() {
            let mut state = self.claim()?;
            let unit = state.unit()?;
            caught(|| unit.rollback_to_savepoint(around.depth)).await?;
        }
        self.close(around);
        Ok(())
    }

    /// Ends a savepoint; one that was neither kept nor undone is left for the level around it to undo. Events that were
    /// undone still wait for the end, and others that had ended in it are forgotten.
    pub(super) fn end(&self, number: u64) {
        let Some(around) = &self.around else { return };
        if self.is_open() {
            around.progress.lock().has_abandoned = true;
        }
        let undone = self.take_deferred().into_iter().filter(|waiting| waiting.undone_by.is_some());
        around.progress.lock().deferred.extend(undone);
        self.close(around);
        around.ended(number);
    }

    fn is_open(&self) -> bool {
        matches!(self.progress.lock().stage, Stage::Open { .. })
    }

    /// Gives the permit of the level around it back.
    fn close(&self, around: &Self) {
        let stage = mem::replace(&mut self.progress.lock().stage, Stage::Over);
        if let Stage::Open { .. } = stage {
            around.progress.lock().lent_to = None;
        }
    }
}

impl State {
    pub(super) fn unit(&mut self) -> Result<&mut dyn UnitOfWork> {
        match self {
            Self::Open(unit) => Ok(&mut **unit),
            Self::Idle | Self::Finished => Err(Error::internal(Over)),
        }
    }
}
