//! One transaction on one connection of a pool.

use std::ops::{Deref, DerefMut};

use dullahan_core::{Error, Result};
use sqlx::pool::PoolConnection;
use sqlx_core::transaction::TransactionManager as _;
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    backend::Backend,
    error::{Ended, ReadOnly, store_error},
};

/// One transaction on one connection of a pool; dropping it rolls it back.
///
/// Nobody else can commit it, or go on after it was ended: [`Sealed::Watch`](crate::backend::Sealed) sees to that.
pub(crate) struct Transaction<DB: Backend> {
    /// Declared first, so that the next one to have the permits finds the rollback on its way.
    connection: PoolConnection<DB>,
    watch: DB::Watch,
    is_over: bool,
    _permits: [Option<OwnedSemaphorePermit>; 2],
}

impl<DB: Backend> Transaction<DB> {
    /// Begins a transaction. To be carried [to its end](crate::to_the_end): a `BEGIN` whose answer nobody
    /// hears would stay open in a pooled connection.
    pub(crate) async fn begin(
        mut connection: PoolConnection<DB>,
        permits: [Option<OwnedSemaphorePermit>; 2],
    ) -> Result<Self> {
        let watch = DB::begin(&mut connection).await.map_err(|error| {
            if DB::is_read_only(&error) {
                Error::unavailable(ReadOnly { database: DB::NAME, reason: error })
            } else {
                store_error(error)
            }
        })?;
        Ok(Self { connection, watch, is_over: false, _permits: permits })
    }

    /// Fails where the transaction was ended by anybody but its process.
    pub(crate) fn check(&self) -> Result<()> {
        if DB::was_ended(&self.watch) { Err(ended::<DB>()) } else { Ok(()) }
    }

    /// Commits. To be carried to its end.
    pub(crate) async fn commit(mut self) -> Result<()> {
        if let Err(ended) = self.check() {
            // What led here tells more than an error of the rollback would.
            let _ = self.roll_back().await;
            return Err(ended);
        }
        DB::prepare_commit(&mut self.connection, &self.watch).await?;
        DB::TransactionManager::commit(&mut self.connection).await.map_err(store_error)?;
        self.is_over = true;
        Ok(())
    }

    pub(crate) async fn roll_back(mut self) -> Result<()> {
        if DB::was_ended(&self.watch) {
            // The driver takes it for open, so it is given one to roll back.
            DB::execute(&mut self.connection, "BEGIN".to_owned()).await.map_err(store_error)?;
        }
        DB::release_by_rollback(&self.watch);
        DB::TransactionManager::rollback(&mut self.connection).await.map_err(store_error)?;
        self.is_over = true;
        Ok(())
    }
}

/// The transaction was ended by anybody but its process.
#[cold]
pub(crate) fn ended<DB: Backend>() -> Error {
    Error::internal(Ended { database: DB::NAME })
}

impl<DB: Backend> Drop for Transaction<DB> {
    fn drop(&mut self) {
        if !self.is_over {
            if DB::was_ended(&self.watch) {
                self.connection.close_on_drop();
            }
            DB::release_by_rollback(&self.watch);
            DB::TransactionManager::start_rollback(&mut self.connection);
        }
    }
}

impl<DB: Backend> Deref for Transaction<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        &self.connection
    }
}

impl<DB: Backend> DerefMut for Transaction<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.connection
    }
}
