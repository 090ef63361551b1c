use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use dullahan_core::{
    BoxFuture, Context, Error, Result,
    context::write_outside_of_a_process,
    unit_of_work::{UnitOfWork, UnitOfWorkProvider},
};

/// A store of texts by their keys, and where the units of work of it come from.
#[derive(Debug, Clone, Default)]
pub struct MemoryStore {
    committed: Arc<Mutex<BTreeMap<String, String>>>,
}

/// What one process has changed so far.
struct MemoryUnit {
    store: MemoryStore,
    changes: Vec<(String, String)>,
    /// How many changes there were when each of the open savepoints was marked.
    savepoints: Vec<usize>,
}

impl MemoryStore {
    /// Writes, in the unit of work of the process around it; outside of one it is refused.
    pub async fn put(&self, context: &Context, key: &str, value: &str) -> Result<()> {
        let mut guard = context
            .unit_of_work()
            .await?
            .ok_or_else(|| write_outside_of_a_process("the memory store"))?;
        let unit: &mut MemoryUnit = guard
            .downcast_mut()
            .ok_or_else(|| Error::internal("this unit of work belongs to another store"))?;
        unit.changes.push((key.to_owned(), value.to_owned()));
        Ok(())
    }

    /// Reads: inside of a process what it has changed too, outside of one what is committed.
    pub async fn get(&self, context: &Context, key: &str) -> Result<Option<String>> {
        if let Some(mut guard) = context.unit_of_work().await?
            && let Some(unit) = guard.downcast_mut::<MemoryUnit>()
            && let Some((_, value)) = unit.changes.iter().rfind(|(changed, _)| changed == key)
        {
            return Ok(Some(value.clone()));
        }
        Ok(self.committed().get(key).cloned())
    }

    /// The keys of what is committed.
    pub fn keys(&self) -> Vec<String> {
        self.committed().keys().cloned().collect()
    }

    fn committed(&self) -> MutexGuard<'_, BTreeMap<String, String>> {
        self.committed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl UnitOfWorkProvider for MemoryStore {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        let (changes, savepoints) = (Vec::new(), Vec::new());
        let unit = MemoryUnit { store: self.clone(), changes, savepoints };
        Box::pin(async { Ok(Box::new(unit) as Box<dyn UnitOfWork>) })
    }
}

impl UnitOfWork for MemoryUnit {
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            self.store.committed().extend(self.changes);
            Ok(())
        })
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        debug_assert_eq!(self.savepoints.len(), number as usize);
        self.savepoints.push(self.changes.len());
        Box::pin(async { Ok(()) })
    }

    fn release_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        self.savepoints.truncate(number as usize);
        Box::pin(async { Ok(()) })
    }

    fn rollback_to_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        if let Some(changes) = self.savepoints.get(number as usize) {
            self.changes.truncate(*changes);
        }
        self.savepoints.truncate(number as usize);
        Box::pin(async { Ok(()) })
    }
}
