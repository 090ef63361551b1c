//! Units of work that are watched, and that can be made to fail.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use dullahan_core::{
    BoxFuture, Result,
    unit_of_work::{Spawner, UnitOfWork, UnitOfWorkProvider},
};

use crate::{
    injector::{Injector, TriedStep},
    pause::pause,
};

/// What became of the units of work of a run.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    open: AtomicUsize,
    committed: AtomicUsize,
}

impl Ledger {
    /// How many were begun and are neither over nor dropped.
    pub(super) fn open(&self) -> usize {
        self.open.load(Ordering::SeqCst)
    }

    /// How many were committed, or may have been: a store whose commit is dropped has done it or not.
    pub(super) fn committed(&self) -> usize {
        self.committed.load(Ordering::SeqCst)
    }
}

/// A provider whose units of work are watched.
pub(crate) struct WatchedProvider {
    provider: Arc<dyn UnitOfWorkProvider>,
    watch: Watch,
}

#[derive(Clone)]
struct Watch {
    injector: Arc<Injector>,
    ledger: Arc<Ledger>,
}

impl WatchedProvider {
    pub(crate) fn new(
        provider: Arc<dyn UnitOfWorkProvider>,
        injector: Arc<Injector>,
        ledger: Arc<Ledger>,
    ) -> Self {
        Self { provider, watch: Watch { injector, ledger } }
    }
}

impl Watch {
    /// The unit of work is about to be asked for something.
    async fn arrived(&self, call: &'static str) -> Result<()> {
        self.injector.arrived(&TriedStep::UnitOfWork { call })?;
        if self.injector.halts() {
            pause().await;
        }
        Ok(())
    }
}

impl UnitOfWorkProvider for WatchedProvider {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        Box::pin(async {
            self.watch.arrived("begin").await?;
            let unit = self.provider.begin().await?;
            let watch = self.watch.clone();
            watch.ledger.open.fetch_add(1, Ordering::SeqCst);
            let open = Open(Arc::clone(&watch.ledger));
            Ok(Box::new(WatchedUnit { unit, watch, open }) as Box<dyn UnitOfWork>)
        })
    }

    fn spawner(&self) -> Option<Arc<dyn Spawner>> {
        self.provider.spawner()
    }

    fn wait_limit(&self) -> Duration {
        self.provider.wait_limit()
    }
}

/// A unit of work that is watched.
struct WatchedUnit {
    unit: Box<dyn UnitOfWork>,
    watch: Watch,
    open: Open,
}

/// Counts as an open unit of work.
struct Open(Arc<Ledger>);

impl Drop for Open {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::SeqCst);
    }
}

impl UnitOfWork for WatchedUnit {
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            let Self { unit, watch, open } = *self;
            if let Err(error) = watch.arrived("commit").await {
                // A store that refuses a commit has undone it.
                unit.rollback().await?;
                return Err(error);
            }
            watch.ledger.committed.fetch_add(1, Ordering::SeqCst);
            let committed = unit.commit().await;
            if committed.is_err() {
                watch.ledger.committed.fetch_sub(1, Ordering::SeqCst);
            }
            drop(open);
            committed
        })
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            let Self { unit, open, .. } = *self;
            let rolled_back = unit.rollback().await;
            drop(open);
            rolled_back
        })
    }

    fn savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.watch.arrived("savepoint").await?;
            self.unit.savepoint(number).await
        })
    }

    fn release_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.watch.arrived("release savepoint").await?;
            self.unit.release_savepoint(number).await
        })
    }

    fn rollback_to_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        self.unit.rollback_to_savepoint(number)
    }

    fn inner(&mut self) -> Option<&mut dyn UnitOfWork> {
        Some(&mut *self.unit)
    }
}
