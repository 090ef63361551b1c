//! A database: where units of work come from, and the connections of repositories.

use std::{
    collections::BTreeSet,
    fmt,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use dullahan_core::{
    BoxFuture, Context, Error, Result,
    context::write_outside_of_a_process,
    unit_of_work::{Spawner, UnitOfWork, UnitOfWorkGuard, UnitOfWorkProvider},
};
use sqlx::Pool;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use crate::{
    backend::Backend,
    cached_pool::CachedPool,
    error::{NoTurn, OtherStore, ReadOnly},
    guard::{ReadGuard, Source, WriteGuard},
    runtime::Runtime,
    to_the_end::to_the_end,
    transaction::Transaction,
    unit::{StoreId, Unit},
};

/// A database: where units of work come from, and the connections of repositories.
///
/// Cloning is cheap, and all clones are one store: the core and its repositories have to have clones of the
/// same.
pub struct Store<DB: Backend> {
    inner: Arc<Inner<DB>>,
}

struct Inner<DB: Backend> {
    id: StoreId,
    /// Where reads outside of a process go.
    reads: Arc<CachedPool<DB>>,
    /// Where transactions begin.
    writes: Arc<CachedPool<DB>>,
    /// The queue of writers, where there are only so many at a time.
    turn: Option<Arc<Semaphore>>,
    runtime: Arc<Runtime>,
    /// The components whose tables are known to be up to date.
    migrated: Mutex<BTreeSet<&'static str>>,
}

impl<DB: Backend> Store<DB> {
    /// A store over a pool of the application's own, with whatever options it was opened.
    ///
    /// The pool is used as it is. What `open` sets up is then up to the application: time-outs, connections that
    /// others find in order, and `default_transaction_read_only` or `query_only`, without which repositories could write
    /// through [`read`](Self::read) unnoticed. While a process has a connection of SQLite, its commit and rollback hooks
    /// are the store's.
    pub fn from_pool(pool: Pool<DB>) -> Self {
        let shared = CachedPool::of_shared(pool);
        Self::new(Arc::clone(&shared), shared, DB::ONE_WRITER.then_some(1))
    }

    /// A store with at most so many writers at once.
    pub(crate) fn new(
        reads: Arc<CachedPool<DB>>,
        writes: Arc<CachedPool<DB>>,
        writers: Option<usize>,
    ) -> Self {
        let turn = writers.map(|writers| Arc::new(Semaphore::new(writers)));
        let (id, runtime) = (StoreId::new(), Arc::new(Runtime::current()));
        let migrated = Mutex::default();
        Self { inner: Arc::new(Inner { id, reads, writes, turn, runtime, migrated }) }
    }

    /// The connection to write to: that of the process's transaction, which this begins if need be.
    ///
    /// # Errors
    ///
    /// [`write_outside_of_a_process`] where nothing would commit. Also when the transaction cannot be begun, is
    /// over, or is one of another store.
    pub async fn write<'a>(&self, context: &'a Context) -> Result<WriteGuard<'a, DB>> {
        match context.unit_of_work().await? {
            Some(turn) => self.lend(turn),
            None => Err(write_outside_of_a_process("a repository")),
        }
    }

    /// A connection to read from: in a process that of its transaction, which this begins if need be, and
    /// elsewhere one of the pool.
    ///
    /// # Errors
    ///
    /// When no connection is free in time, or the transaction cannot be begun, is over, or is one of another
    /// store.
    pub async fn read<'a>(&self, context: &'a Context) -> Result<ReadGuard<'a, DB>> {
        let source = match context.unit_of_work().await? {
            Some(turn) => Source::Process(self.lend(turn)?),
            None => Source::Pool(self.inner.reads.lend().await?),
        };
        Ok(ReadGuard(source))
    }

    /// Whether the tables of a component are known to be there: [`migrate`](Self::migrate) or
    /// [`check_migrated`](Self::check_migrated) has succeeded with this store.
    ///
    /// A module with tables of its own asks for it when it is wired, and
    /// [reports](dullahan_core::CoreBuilder::report) that the application forgot it.
    pub fn is_migrated(&self, component: &str) -> bool {
        self.inner.migrated.lock().unwrap_or_else(PoisonError::into_inner).contains(component)
    }

    pub(crate) fn note_migrated(&self, component: &'static str) {
        self.inner.migrated.lock().unwrap_or_else(PoisonError::into_inner).insert(component);
    }

    /// Closes all connections, after those in use have come back. The store is of no use after that.
    pub async fn close(&self) {
        self.inner.reads.close().await;
        self.inner.writes.close().await;
    }

    fn lend<'a>(&self, mut turn: UnitOfWorkGuard<'a>) -> Result<WriteGuard<'a, DB>> {
        let unit = turn
            .downcast_mut::<Unit<DB>>()
            .filter(|unit| *unit.store() == self.inner.id)
            .ok_or_else(|| Error::internal(OtherStore { database: DB::NAME }))?;
        Ok(WriteGuard::new(unit.lend()?, turn))
    }

    /// Begins a transaction that can write, when its turn has come.
    ///
    /// Where that leads to a server that cannot write, all connections that nobody uses are closed, and it is tried once
    /// more with a new one: the address may lead elsewhere by now.
    pub(crate) async fn begin(&self) -> Result<Transaction<DB>> {
        match self.begin_once().await {
            Err(error) if error.source().is_some_and(|source| source.is::<ReadOnly>()) => {
                self.inner.reads.close_idle();
                self.inner.writes.close_idle();
                self.begin_once().await
            }
            begun => begun,
        }
    }

    async fn begin_once(&self) -> Result<Transaction<DB>> {
        let turn = self.turn().await?;
        let (connection, permit) = self.inner.writes.lend().await?.into_pooled();
        to_the_end(Transaction::begin(connection, [turn, permit])).await
    }

    /// Waits for the turn to write, first come, first served.
    async fn turn(&self) -> Result<Option<OwnedSemaphorePermit>> {
        let Some(turn) = &self.inner.turn else { return Ok(None) };
        let limit = self.inner.writes.patience();
        match tokio::time::timeout(limit, Arc::clone(turn).acquire_owned()).await {
            Ok(turn) => Ok(Some(turn?)),
            Err(_) => Err(no_turn::<DB>(limit)),
        }
    }
}

#[cold]
fn no_turn<DB: Backend>(limit: Duration) -> Error {
    Error::unavailable(NoTurn { database: DB::NAME, limit })
}

impl<DB: Backend> UnitOfWorkProvider for Store<DB> {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        Box::pin(async {
            let transaction = self.begin().await?;
            let unit: Box<dyn UnitOfWork> = Box::new(Unit::new(self.inner.id.clone(), transaction));
            Ok(unit)
        })
    }

    fn spawner(&self) -> Option<Arc<dyn Spawner>> {
        let runtime: Arc<dyn Spawner> = self.inner.runtime.clone();
        Some(runtime)
    }

    /// As long as for a connection of the pool, its `acquire_timeout`.
    fn wait_limit(&self) -> Duration {
        self.inner.writes.patience()
    }
}

impl<DB: Backend> Clone for Store<DB> {
    fn clone(&self) -> Self {
        Self { inner: Arc::clone(&self.inner) }
    }
}

/// Shows no address of the database: it may hold a password.
impl<DB: Backend> fmt::Debug for Store<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Store").field(&DB::NAME).finish()
    }
}
