//! A unit of work of a memory store.

use std::sync::Arc;

use dullahan_core::{BoxFuture, Error, Result, unit_of_work::UnitOfWork};

use super::{MemoryStore, StoreCall, turn::Turn};
use crate::pause::pause;

/// A unit of work of a [`MemoryStore`]. One that is dropped before it is over notes that in the journal.
pub(super) struct MemoryUnit<T> {
    pub(super) store: MemoryStore<T>,
    /// The state as this unit of work has changed it.
    pub(super) state: Arc<T>,
    /// The open savepoints and the state before each, outermost first.
    savepoints: Vec<(u32, Arc<T>)>,
    is_over: bool,
    _turn: Turn,
}

impl<T> MemoryUnit<T> {
    pub(super) fn new(store: MemoryStore<T>, state: Arc<T>, turn: Turn) -> Self {
        Self { store, state, savepoints: Vec::new(), is_over: false, _turn: turn }
    }

    async fn call(&self, call: StoreCall, entry: impl Into<String>) -> Result<()> {
        self.store.shared.journal.call(call, entry).await
    }

    /// Closes the innermost savepoint of this number, those inside of it too, as SQL does, and gives the state before it.
    fn close(&mut self, number: u32) -> Result<Arc<T>> {
        let open = self.savepoints.iter().rposition(|(open, _)| *open == number);
        let open = open.ok_or_else(|| Error::internal(format!("no savepoint {number}")))?;
        let before = self.savepoints.drain(open..).next().map(|(_, before)| before);
        Ok(before.unwrap_or_else(|| Arc::clone(&self.state)))
    }
}

impl<T: Clone + Send + Sync + 'static> UnitOfWork for MemoryUnit<T> {
    fn commit(mut self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            let called = self.call(StoreCall::Commit, "commit").await;
            self.is_over = true;
            called?;
            *self.store.shared.committed.lock() = Arc::clone(&self.state);
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
            self.savepoints.push((number, Arc::clone(&self.state)));
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
            self.state = self.close(number)?;
            pause().await;
            Ok(())
        })
    }
}

impl<T> Drop for MemoryUnit<T> {
    fn drop(&mut self) {
        if !self.is_over {
            self.store.shared.journal.add("rollback by drop");
        }
    }
}
