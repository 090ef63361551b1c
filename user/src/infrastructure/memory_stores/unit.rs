//! A unit of work of the memory stores.

use std::sync::Arc;

use async_lock::MutexGuardArc;
use dullahan_core::{BoxFuture, Error, Result, unit_of_work::UnitOfWork};

use super::{MemoryStores, give_way, tables::Tables};

/// A unit of work of the memory stores; dropping it forgets what it changed.
pub(super) struct MemoryUnit {
    pub(super) stores: MemoryStores,
    /// What is committed and what it has changed of that.
    pub(super) tables: Arc<Tables>,
    /// The open savepoints and what was there before each, outermost first.
    savepoints: Vec<(u32, Arc<Tables>)>,
    _turn: MutexGuardArc<()>,
}

impl MemoryUnit {
    pub(super) fn new(stores: MemoryStores, turn: MutexGuardArc<()>) -> Self {
        let tables = stores.committed();
        Self { stores, tables, savepoints: Vec::new(), _turn: turn }
    }

    /// Closes the innermost savepoint of this number, those inside of it too, as SQL does.
    fn close(&mut self, number: u32) -> Result<Arc<Tables>> {
        let open = self.savepoints.iter().rposition(|(open, _)| *open == number);
        let open = open.ok_or_else(|| Error::internal(NoSavepoint { number }))?;
        let mut closed = self.savepoints.drain(open..);
        closed
            .next()
            .map(|(_, tables)| tables)
            .ok_or_else(|| Error::internal(NoSavepoint { number }))
    }
}

impl UnitOfWork for MemoryUnit {
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            give_way().await;
            self.stores.commit(Arc::clone(&self.tables));
            Ok(())
        })
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            give_way().await;
            drop(self);
            Ok(())
        })
    }

    fn savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.savepoints.push((number, Arc::clone(&self.tables)));
            Ok(())
        })
    }

    fn release_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move { self.close(number).map(drop) })
    }

    fn rollback_to_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.tables = self.close(number)?;
            Ok(())
        })
    }
}

/// There is no open savepoint of this number.
#[derive(Debug, thiserror::Error)]
#[error("there is no savepoint {number}")]
struct NoSavepoint {
    number: u32,
}
