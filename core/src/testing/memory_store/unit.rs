//! A unit of work of a memory store.

use std::collections::BTreeMap;

use super::{MemoryStore, StoreCall};
use crate::{
    error::{Error, Result},
    future::BoxFuture,
    testing::pause::pause,
    unit_of_work::UnitOfWork,
};

/// What a unit of work changes; `None` for a key that it removes.
pub(super) type Changes = BTreeMap<String, Option<String>>;

/// A unit of work of a [`MemoryStore`]. One that is dropped before it is over notes that in the journal.
pub(super) struct MemoryUnit {
    pub(super) store: MemoryStore,
    pub(super) changes: Changes,
    /// The open savepoints and what was changed before each, outermost first.
    savepoints: Vec<(u32, Changes)>,
    is_over: bool,
}

impl MemoryUnit {
    pub(super) fn new(store: MemoryStore) -> Self {
        Self { store, changes: Changes::new(), savepoints: Vec::new(), is_over: false }
    }

    async fn call(&self, call: StoreCall, entry: impl Into<String>) -> Result<()> {
        self.store.shared.journal.call(call, entry).await
    }

    /// Closes the innermost savepoint of this number, those inside of it too, as SQL does.
    fn close(&mut self, number: u32) -> Result<Changes> {
        let open = self.savepoints.iter().rposition(|(open, _)| *open == number);
        let open = open.ok_or_else(|| Error::internal(format!("no savepoint {number}")))?;
        let changes = self.savepoints.drain(open..).next().map(|(_, changes)| changes);
        Ok(changes.unwrap_or_default())
    }
}

impl UnitOfWork for MemoryUnit {
    fn commit(mut self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            let called = self.call(StoreCall::Commit, "commit").await;
            self.is_over = true;
            called?;
            self.store.apply(std::mem::take(&mut self.changes));
            pause().await;
            Ok(())
        })
    }

    fn rollback(mut self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            let called = self.call(StoreCall::Rollback, "rollback").await;
            self.is_over = true;
            pause().await;
            called
        })
    }

    fn savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.call(StoreCall::Savepoint, format!("savepoint {number}")).await?;
            self.savepoints.push((number, self.changes.clone()));
            pause().await;
            Ok(())
        })
    }

    fn release_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.call(StoreCall::ReleaseSavepoint, format!("release {number}")).await?;
            self.close(number)?;
            pause().await;
            Ok(())
        })
    }

    fn rollback_to_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.call(StoreCall::RollbackToSavepoint, format!("rollback to {number}")).await?;
            self.changes = self.close(number)?;
            pause().await;
            Ok(())
        })
    }
}

impl Drop for MemoryUnit {
    fn drop(&mut self) {
        if !self.is_over {
            self.store.shared.journal.add("rollback by drop");
        }
    }
}
