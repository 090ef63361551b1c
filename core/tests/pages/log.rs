//! A log that listeners of every phase write into.

use std::sync::{Arc, Mutex, PoisonError};

use dullahan_core::{
    After, Before, BoxFuture, Committed, DefaultAction, Event, Listener, Observe, Outcome, Result,
    RolledBack, Wrap,
    unit_of_work::{UnitOfWork, UnitOfWorkProvider},
};

/// What happened, in the order in which it happened. Clones write into the same log.
#[derive(Clone)]
pub struct Log {
    entries: Arc<Mutex<Vec<String>>>,
}

impl Log {
    pub fn new() -> Self {
        Self { entries: Arc::default() }
    }

    pub fn add(&self, entry: impl Into<String>) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).push(entry.into());
    }

    /// What happened since the last call.
    pub fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.entries.lock().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn before<E: Event>(
        &self,
        name: &'static str,
    ) -> impl for<'a> Fn(Before<'a, E>) -> Result<()> + Send + Sync + 'static {
        let log = self.clone();
        move |_: Before<'_, E>| {
            log.add(name);
            Ok(())
        }
    }

    pub fn wrap(&self, name: &'static str) -> Note {
        Note { name, log: self.clone() }
    }

    pub fn default(&self, name: &'static str) -> Note {
        Note { name, log: self.clone() }
    }

    pub fn after<E: Event>(
        &self,
        name: &'static str,
    ) -> impl for<'a> Fn(After<'a, E>) -> Result<()> + Send + Sync + 'static {
        let log = self.clone();
        move |_: After<'_, E>| {
            log.add(name);
            Ok(())
        }
    }

    pub fn observe<E: Event>(
        &self,
    ) -> impl for<'a> Fn(Observe<'a, E>) -> Result<()> + Send + Sync + 'static {
        let log = self.clone();
        move |ev: Observe<'_, E>| {
            log.add(match ev.outcome() {
                Outcome::Completed(_) => "observe: completed".to_owned(),
                Outcome::Prevented { .. } => "observe: prevented".to_owned(),
                Outcome::Failed(error) => format!("observe: failed, {}", error.code()),
            });
            Ok(())
        }
    }

    pub fn committed<E: Event>(
        &self,
    ) -> impl for<'a> Fn(Committed<'a, E>) -> Result<()> + Send + Sync + 'static {
        let log = self.clone();
        move |_: Committed<'_, E>| {
            log.add("committed");
            Ok(())
        }
    }

    pub fn rolled_back<E: Event>(
        &self,
    ) -> impl for<'a> Fn(RolledBack<'a, E>) -> Result<()> + Send + Sync + 'static {
        let log = self.clone();
        move |_: RolledBack<'_, E>| {
            log.add("rolled back");
            Ok(())
        }
    }

    /// Units of work that hold nothing and write what is asked of them.
    pub fn units_of_work(&self) -> Arc<dyn UnitOfWorkProvider> {
        Arc::new(self.clone())
    }
}

/// Writes its name; the default action of a process uses the unit of work too.
pub struct Note {
    name: &'static str,
    log: Log,
}

impl<E: Event<Output = u32>> Listener<DefaultAction<'_, E>> for Note {
    async fn call(&self, ev: DefaultAction<'_, E>) -> Result<u32> {
        drop(ev.context().unit_of_work().await?);
        self.log.add(self.name);
        Ok(7)
    }
}

impl<E: Event> Listener<Wrap<'_, E>> for Note {
    async fn call(&self, mut ev: Wrap<'_, E>) -> Result<E::Output> {
        self.log.add(format!("{}, in", self.name));
        let output = ev.next().await?;
        self.log.add(format!("{}, out", self.name));
        Ok(output)
    }
}

impl UnitOfWorkProvider for Log {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        self.add("begin");
        Box::pin(async { Ok(Box::new(self.clone()) as Box<dyn UnitOfWork>) })
    }
}

impl UnitOfWork for Log {
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.add("commit");
        Box::pin(async { Ok(()) })
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        self.add("rollback");
        Box::pin(async { Ok(()) })
    }

    fn savepoint(&mut self, _: u32) -> BoxFuture<'_, Result<()>> {
        self.add("savepoint");
        Box::pin(async { Ok(()) })
    }

    fn release_savepoint(&mut self, _: u32) -> BoxFuture<'_, Result<()>> {
        self.add("release the savepoint");
        Box::pin(async { Ok(()) })
    }

    fn rollback_to_savepoint(&mut self, _: u32) -> BoxFuture<'_, Result<()>> {
        self.add("rollback to the savepoint");
        Box::pin(async { Ok(()) })
    }
}
