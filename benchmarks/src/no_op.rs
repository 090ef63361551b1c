//! A unit of work that does nothing, so that only what is around it is measured.

use dullahan_core::{
    BoxFuture, Result,
    unit_of_work::{UnitOfWork, UnitOfWorkProvider},
};

/// Begins units of work that do nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct NoOp;

impl UnitOfWorkProvider for NoOp {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        Box::pin(async { Ok(Box::new(Self) as Box<dyn UnitOfWork>) })
    }
}

impl UnitOfWork for NoOp {
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn savepoint(&mut self, _: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn release_savepoint(&mut self, _: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn rollback_to_savepoint(&mut self, _: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}
