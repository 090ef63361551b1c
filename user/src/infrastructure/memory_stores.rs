//! The stores of the module, in memory.

mod attempts;
mod email_changes;
mod mails;
mod sessions;
mod tables;
mod tokens;
mod unit;
mod users;

use std::{
    fmt,
    future::poll_fn,
    sync::{Arc, Mutex, PoisonError},
    task::Poll,
};

use dullahan_core::{
    BoxFuture, Context, CoreBuilder, Error, Module, Result,
    context::write_outside_of_a_process,
    unit_of_work::{UnitOfWork, UnitOfWorkGuard, UnitOfWorkProvider},
};

use self::{tables::Tables, unit::MemoryUnit};
use crate::port::{
    AttemptRepository, EmailChangeRepository, MailQueue, SessionRepository, TokenRepository,
    UserRepository,
};

/// The stores of the module in memory, and the units of work of all processes: a module for tests, which need no
/// database then.
///
/// They do what those in a database do, and pass the same tests. One process at a time writes, others wait for
/// it; what it wrote is seen by others when it is committed, and is gone when it is rolled back or dropped. Every
/// call gives way once, as a database would, so that a future can be dropped there. A process that runs another
/// one with a context of its own from inside of it waits for itself for ever.
///
/// Clones are the same stores; nothing outlives the last one.
#[derive(Clone, Default)]
pub struct MemoryStores {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    committed: Mutex<Arc<Tables>>,
    /// Held by the process that writes.
    turn: Arc<async_lock::Mutex<()>>,
}

impl MemoryStores {
    /// Empty stores.
    pub fn new() -> Self {
        Self::default()
    }

    /// What is committed.
    fn committed(&self) -> Arc<Tables> {
        Arc::clone(&self.shared.committed.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Makes changes last.
    fn commit(&self, tables: Arc<Tables>) {
        *self.shared.committed.lock().unwrap_or_else(PoisonError::into_inner) = tables;
    }

    /// Reads: in a process what it has changed too, outside of one what is committed.
    async fn read<T>(&self, context: &Context, read: impl FnOnce(&Tables) -> T) -> Result<T> {
        let guard = context.unit_of_work().await?;
        give_way().await;
        match guard {
            Some(mut guard) => Ok(read(&self.unit(&mut guard)?.tables)),
            None => Ok(read(&self.committed())),
        }
    }

    /// Writes, in the unit of work of the process around it. What fails has changed nothing.
    async fn write<T>(
        &self,
        context: &Context,
        write: impl FnOnce(&mut Tables) -> Result<T>,
    ) -> Result<T> {
        let guard = context.unit_of_work().await?;
        let mut guard = guard.ok_or_else(|| write_outside_of_a_process("a memory store"))?;
        give_way().await;
        let tables = &mut self.unit(&mut guard)?.tables;
        let before = Arc::clone(tables);
        let written = write(Arc::make_mut(tables));
        if written.is_err() {
            *tables = before;
        }
        written
    }

    fn unit<'g>(&self, guard: &'g mut UnitOfWorkGuard<'_>) -> Result<&'g mut MemoryUnit> {
        guard
            .downcast_mut::<MemoryUnit>()
            .filter(|unit| Arc::ptr_eq(&unit.stores.shared, &self.shared))
            .ok_or_else(|| Error::internal(OtherStore))
    }
}

impl UnitOfWorkProvider for MemoryStores {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        Box::pin(async {
            give_way().await;
            let turn = self.shared.turn.lock_arc().await;
            let unit: Box<dyn UnitOfWork> = Box::new(MemoryUnit::new(self.clone(), turn));
            Ok(unit)
        })
    }
}

impl Module for MemoryStores {
    fn name(&self) -> &'static str {
        "dullahan_user_memory_stores"
    }

    fn register(self, core: &mut CoreBuilder) {
        core.units_of_work(Arc::new(self.clone()));
        core.provide::<dyn UserRepository>(Arc::new(self.clone()));
        core.provide::<dyn SessionRepository>(Arc::new(self.clone()));
        core.provide::<dyn TokenRepository>(Arc::new(self.clone()));
        core.provide::<dyn EmailChangeRepository>(Arc::new(self.clone()));
        core.provide::<dyn MailQueue>(Arc::new(self.clone()));
        core.provide::<dyn AttemptRepository>(Arc::new(self));
    }
}

/// Shows nothing of what is kept: it is personal data.
impl fmt::Debug for MemoryStores {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStores").finish_non_exhaustive()
    }
}

/// The unit of work of the process is one of another store.
#[derive(Debug, thiserror::Error)]
#[error(
    "the unit of work of this process does not belong to these memory stores; \
     give the core and its repositories clones of one"
)]
struct OtherStore;

/// Gives way once, to any runtime.
async fn give_way() {
    let mut gave_way = false;
    poll_fn(|context| {
        if gave_way {
            return Poll::Ready(());
        }
        gave_way = true;
        context.waker().wake_by_ref();
        Poll::Pending
    })
    .await;
}
