//! The stores of the module, in memory.

mod attempts;
mod email_changes;
mod mails;
mod sessions;
mod tables;
mod tokens;
mod users;

use std::{fmt, sync::Arc};

use dullahan_core::{Context, CoreBuilder, Module, Result, unit_of_work::UnitOfWorkProvider};
use dullahan_core_testing::MemoryStore;

use self::tables::Tables;
use crate::port::{
    AttemptRepository, EmailChangeRepository, MailQueue, SessionRepository, TokenRepository,
    UserRepository,
};

/// The stores of the module in memory, and the units of work of all processes: a module for tests, which need no
/// database then.
///
/// They do what those in a database do, and pass the same tests. They are a [`MemoryStore`]: one process at a time writes,
/// others wait for it; what it wrote is seen by others when it is committed, and is gone when it is rolled back or dropped.
///
/// Clones are the same stores; nothing outlives the last one.
#[derive(Clone, Default)]
pub struct MemoryStores {
    store: MemoryStore<Tables>,
}

impl MemoryStores {
    /// Empty stores.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the units of work come from.
    pub fn units_of_work(&self) -> Arc<dyn UnitOfWorkProvider> {
        self.store.provider()
    }

    async fn read<T>(&self, context: &Context, read: impl FnOnce(&Tables) -> T) -> Result<T> {
        self.store.read(context, read).await
    }

    async fn write<T>(
        &self,
        context: &Context,
        write: impl FnOnce(&mut Tables) -> Result<T>,
    ) -> Result<T> {
        self.store.write(context, write).await
    }
}

impl Module for MemoryStores {
    fn name(&self) -> &'static str {
        "dullahan_user_memory_stores"
    }

    fn register(self, core: &mut CoreBuilder) {
        core.units_of_work(self.units_of_work());
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
