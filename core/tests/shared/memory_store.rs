//! A transactional key-value store in memory, and its units of work.

use std::{collections::BTreeMap, sync::Arc};

use dullahan_core::{
    BoxFuture, Context, Error, Result,
    context::write_outside_of_a_process,
    unit_of_work::{UnitOfWork, UnitOfWorkGuard, UnitOfWorkProvider},
};
use parking_lot::Mutex;

use super::{Log, panic_with, pause};

/// A transactional key-value store in memory, its own unit of work and its own repository.
///
/// What is put in a process is visible to others once its unit of work is committed. Everything that is asked
/// of it appears in a journal, which is the log it was made with. Each call gives way before and after it acts,
/// as a database would, so that a future can be dropped there.
#[derive(Clone)]
pub(crate) struct MemoryStore {
    shared: Arc<Shared>,
}

struct Shared {
    committed: Mutex<Entries>,
    failing: Mutex<Vec<StoreCall>>,
    panicking: Mutex<Vec<StoreCall>>,
    losing: Mutex<Vec<StoreCall>>,
    journal: Log,
}

type Entries = BTreeMap<String, String>;

/// A call that the store can be told to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StoreCall {
    Begin,
    Put,
    Commit,
    Rollback,
    Savepoint,
    ReleaseSavepoint,
    RollbackToSavepoint,
}

impl MemoryStore {
    /// An empty store that writes its journal into this log.
    pub(crate) fn new(journal: &Log) -> Self {
        let shared = Shared {
            committed: Mutex::default(),
            failing: Mutex::default(),
            panicking: Mutex::default(),
            losing: Mutex::default(),
            journal: journal.clone(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// It as the provider of a core's units of work.
    pub(crate) fn provider(&self) -> Arc<dyn UnitOfWorkProvider> {
        Arc::new(self.clone())
    }

    /// Makes the next call of this kind fail.
    pub(crate) fn fail_next(&self, call: StoreCall) {
        self.shared.failing.lock().push(call);
    }

    /// Makes the next call of this kind panic.
    pub(crate) fn panic_next(&self, call: StoreCall) {
        self.shared.panicking.lock().push(call);
    }

    /// Makes the next call of this kind lose against another unit of work, as in a deadlock.
    pub(crate) fn lose_next(&self, call: StoreCall) {
        self.shared.losing.lock().push(call);
    }

    /// The keys of what is committed, sorted.
    pub(crate) fn keys(&self) -> Vec<String> {
        self.shared.committed.lock().keys().cloned().collect()
    }

    /// What is committed.
    pub(crate) fn committed(&self) -> BTreeMap<String, String> {
        self.shared.committed.lock().clone()
    }

    /// Writes, in the unit of work of the process around it; refused outside of one.
    pub(crate) async fn put(
        &self,
        context: &Context,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<()> {
        let (key, value) = (key.into(), value.into());
        let mut guard = context
            .unit_of_work()
            .await?
            .ok_or_else(|| write_outside_of_a_process("the memory store"))?;
        self.call(StoreCall::Put, format!("put {key}")).await?;
        Self::unit(&mut guard)?.entries.insert(key, Some(value));
        Ok(())
    }

    /// Reads: in a process what it will leave, outside of one what is committed.
    pub(crate) async fn get(&self, context: &Context, key: &str) -> Result<Option<String>> {
        if let Some(mut guard) = context.unit_of_work().await?
            && let Some(changed) = Self::unit(&mut guard)?.entries.get(key)
        {
            return Ok(changed.clone());
        }
        Ok(self.shared.committed.lock().get(key).cloned())
    }

    fn unit<'g>(guard: &'g mut UnitOfWorkGuard<'_>) -> Result<&'g mut MemoryUnitOfWork> {
        guard.downcast_mut().ok_or_else(|| Error::internal("the unit of work of another store"))
    }

    /// Gives way, notes the call, and fails if it is to.
    async fn call(&self, call: StoreCall, entry: String) -> Result<()> {
        pause().await;
        if takes(&self.shared.panicking, call) {
            self.shared.journal.add(format!("{entry} panics"));
            return panic_with("the memory store was told to panic");
        }
        if takes(&self.shared.failing, call) {
            self.shared.journal.add(format!("{entry} fails"));
            return Err(Error::unavailable(format!("the memory store was told to fail: {entry}")));
        }
        if takes(&self.shared.losing, call) {
            self.shared.journal.add(format!("{entry} loses"));
            return Err(Error::transient(format!("the memory store was told to lose: {entry}")));
        }
        self.shared.journal.add(entry);
        Ok(())
    }
}

/// Whether the call is one of these, which is taken out then.
fn takes(calls: &Mutex<Vec<StoreCall>>, call: StoreCall) -> bool {
    let mut calls = calls.lock();
    let index = calls.iter().position(|next| *next == call);
    index.map(|index| calls.remove(index)).is_some()
}

impl Shared {
    fn apply(&self, changes: BTreeMap<String, Option<String>>) {
        let mut committed = self.committed.lock();
        for (key, value) in changes {
            match value {
                Some(value) => committed.insert(key, value),
                None => committed.remove(&key),
            };
        }
    }
}

impl UnitOfWorkProvider for MemoryStore {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        Box::pin(async {
            self.call(StoreCall::Begin, "begin".to_owned()).await?;
            let unit = MemoryUnitOfWork {
                store: self.clone(),
                entries: BTreeMap::new(),
                savepoints: Vec::new(),
                is_over: false,
            };
            pause().await;
            Ok(Box::new(unit) as Box<dyn UnitOfWork>)
        })
    }
}

/// A unit of work of a [`MemoryStore`]. One that is dropped unsettled notes that in the journal.
struct MemoryUnitOfWork {
    store: MemoryStore,
    /// What it changed; `None` for a key that it removed.
    entries: BTreeMap<String, Option<String>>,
    /// The open savepoints and what was changed before each, outermost first.
    savepoints: Vec<(u32, BTreeMap<String, Option<String>>)>,
    is_over: bool,
}

impl MemoryUnitOfWork {
    /// Closes the innermost savepoint of this number, those inside of it too, as SQL does.
    fn close(&mut self, number: u32) -> Result<BTreeMap<String, Option<String>>> {
        let open = self.savepoints.iter().rposition(|(open, _)| *open == number);
        let open = open.ok_or_else(|| Error::internal(format!("no savepoint {number}")))?;
        let entries = self.savepoints.drain(open..).next().map(|(_, entries)| entries);
        Ok(entries.unwrap_or_default())
    }
}

impl UnitOfWork for MemoryUnitOfWork {
    fn commit(mut self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            let called = self.store.call(StoreCall::Commit, "commit".to_owned()).await;
            self.is_over = true;
            called?;
            self.store.shared.apply(std::mem::take(&mut self.entries));
            pause().await;
            Ok(())
        })
    }

    fn rollback(mut self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async move {
            let result = self.store.call(StoreCall::Rollback, "rollback".to_owned()).await;
            self.is_over = true;
            pause().await;
            result
        })
    }

    fn savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.store.call(StoreCall::Savepoint, format!("savepoint {number}")).await?;
            self.savepoints.push((number, self.entries.clone()));
            pause().await;
            Ok(())
        })
    }

    fn release_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            self.store.call(StoreCall::ReleaseSavepoint, format!("release {number}")).await?;
            self.close(number)?;
            pause().await;
            Ok(())
        })
    }

    fn rollback_to_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            let entry = format!("rollback to {number}");
            self.store.call(StoreCall::RollbackToSavepoint, entry).await?;
            self.entries = self.close(number)?;
            pause().await;
            Ok(())
        })
    }
}

impl Drop for MemoryUnitOfWork {
    fn drop(&mut self) {
        if !self.is_over {
            self.store.shared.journal.add("rollback by drop");
        }
    }
}
