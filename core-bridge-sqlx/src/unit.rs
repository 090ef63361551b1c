//! The unit of work of a process: one transaction.

use std::sync::Arc;

use dullahan_core::{BoxFuture, Error, Result, unit_of_work::UnitOfWork};
use tokio::sync::{Mutex, OwnedMappedMutexGuard, OwnedMutexGuard};

use crate::{
    backend::Backend,
    error::{InUse, store_error},
    to_the_end::to_the_end,
    transaction::Transaction,
};

/// The unit of work of a process: one transaction.
pub(crate) struct Unit<DB: Backend> {
    store: StoreId,
    /// Lent to one repository at a time, which the core sees to, so the lock is never waited for; `None` once
    /// the transaction is over.
    transaction: Arc<Mutex<Option<Transaction<DB>>>>,
}

/// Tells stores apart.
#[derive(Clone)]
pub(crate) struct StoreId(Arc<()>);

impl StoreId {
    pub(crate) fn new() -> Self {
        Self(Arc::new(()))
    }
}

impl PartialEq for StoreId {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// The transaction of a process, lent to a repository.
pub(crate) type Lent<DB> = OwnedMappedMutexGuard<Option<Transaction<DB>>, Transaction<DB>>;

impl<DB: Backend> Unit<DB> {
    pub(crate) fn new(store: StoreId, transaction: Transaction<DB>) -> Self {
        Self { store, transaction: Arc::new(Mutex::new(Some(transaction))) }
    }

    /// Which store it is of.
    pub(crate) fn store(&self) -> &StoreId {
        &self.store
    }

    /// Lends the transaction out until the guard is dropped, unless somebody has ended it.
    pub(crate) fn lend(&self) -> Result<Lent<DB>> {
        let guard = Arc::clone(&self.transaction).try_lock_owned().map_err(|_| in_use())?;
        let lent = OwnedMutexGuard::try_map(guard, Option::as_mut).map_err(|_| in_use())?;
        lent.check()?;
        Ok(lent)
    }

    /// Takes the transaction out, to end it.
    fn take(&self) -> Result<Transaction<DB>> {
        self.transaction.try_lock().ok().and_then(|mut guard| guard.take()).ok_or_else(in_use)
    }

    async fn execute(&self, sql: String) -> Result<()> {
        DB::execute(&mut *self.lend()?, sql).await.map_err(store_error)
    }
}

#[cold]
fn in_use() -> Error {
    Error::internal(InUse)
}

impl<DB: Backend> UnitOfWork for Unit<DB> {
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(to_the_end(async move { self.take()?.commit().await }))
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move { self.take()?.roll_back().await })
    }

    fn savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.execute(format!("SAVEPOINT dullahan_{number}")))
    }

    fn release_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.execute(format!("RELEASE SAVEPOINT dullahan_{number}")))
    }

    fn rollback_to_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(self.execute(format!(
            "ROLLBACK TO SAVEPOINT dullahan_{number}; RELEASE SAVEPOINT dullahan_{number}"
        )))
    }
}
