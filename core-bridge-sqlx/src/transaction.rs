//! One transaction on one connection of a pool.

use std::ops::{Deref, DerefMut};

use dullahan_core::{Error, Result};
use sqlx::{SqlSafeStr as _, pool::PoolConnection};
use tokio::sync::OwnedSemaphorePermit;

use crate::{
    backend::Backend,
    error::{Aborted, store_error},
};

/// PostgreSQL, "Error Codes": `in_failed_sql_transaction`.
const IN_FAILED_TRANSACTION: &str = "25P02";

/// One transaction on one connection of a pool; dropping it rolls it back.
pub(crate) struct Transaction<DB: Backend> {
    /// Declared first, so that the next one to have the permits finds the rollback on its way.
    inner: sqlx::Transaction<'static, DB>,
    _permits: [Option<OwnedSemaphorePermit>; 2],
}

impl<DB: Backend> Transaction<DB> {
    /// Begins a transaction. To be carried [to its end](crate::to_the_end): a `BEGIN` whose answer nobody
    /// hears would stay open in a pooled connection.
    pub(crate) async fn begin(
        connection: PoolConnection<DB>,
        permits: [Option<OwnedSemaphorePermit>; 2],
    ) -> Result<Self> {
        let begin = Some(DB::BEGIN.into_sql_str());
        let inner = sqlx::Transaction::begin(connection, begin).await.map_err(store_error)?;
        Ok(Self { inner, _permits: permits })
    }

    /// Commits. To be carried to its end.
    pub(crate) async fn commit(mut self) -> Result<()> {
        DB::check_commit(&mut self).await.map_err(aborted::<DB>)?;
        self.inner.commit().await.map_err(store_error)
    }

    pub(crate) async fn roll_back(self) -> Result<()> {
        self.inner.rollback().await.map_err(store_error)
    }
}

#[cold]
fn aborted<DB: Backend>(reason: sqlx::Error) -> Error {
    match reason {
        sqlx::Error::Database(refused)
            if refused.code().as_deref() == Some(IN_FAILED_TRANSACTION) =>
        {
            Error::internal(Aborted { database: DB::NAME, reason: sqlx::Error::Database(refused) })
        }
        other => store_error(other),
    }
}

impl<DB: Backend> Deref for Transaction<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}

impl<DB: Backend> DerefMut for Transaction<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.inner
    }
}
