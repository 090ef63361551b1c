//! A transactional store in memory, and the units of work of it.

mod journal;
mod unit;

use std::{collections::BTreeMap, fmt, sync::Arc};

use parking_lot::Mutex;

pub use self::journal::StoreCall;
use self::{
    journal::Journal,
    unit::{Changes, MemoryUnit},
};
use super::pause::pause;
use crate::{
    context::{Context, write_outside_of_a_process},
    error::{Error, Result},
    future::BoxFuture,
    unit_of_work::{UnitOfWork, UnitOfWorkGuard, UnitOfWorkProvider},
};

/// A transactional store of texts by their keys, in memory: where units of work come from, and a repository
/// on which a rollback can be seen.
///
/// What a process writes is seen by others once its unit of work is committed. Every call appears in a
/// [journal](Self::journal), can be told to [fail](Self::fail_nth), and gives way before it acts and after, as
/// a database would, so that a future can be dropped there. Clones are the same store.
///
/// ```
/// use std::sync::Arc;
///
/// use dullahan_core::{Core, Perform, Process, Result, Service, testing::{MemoryStore, StoreCall}};
///
/// #[derive(Process)]
/// struct OrderProcess;
///
/// async fn order(ev: Perform<'_, OrderProcess>, store: Service<'_, MemoryStore>) -> Result<()> {
///     store.put(ev.context(), "horse", "ordered").await
/// }
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<()> {
/// let store = MemoryStore::new();
/// let mut core = Core::builder();
/// core.units_of_work(store.provider()).provide(Arc::new(store.clone()));
/// core.declare::<OrderProcess>().default(order);
/// let core = core.build()?;
///
/// store.fail_next(StoreCall::Commit);
/// assert!(core.run_process(OrderProcess).await.is_err());
/// assert!(store.is_empty());
///
/// core.run_process(OrderProcess).await?;
/// assert_eq!(store.keys(), ["horse"]);
/// assert_eq!(
///     store.journal(),
///     ["begin", "put horse", "commit fails", "begin", "put horse", "commit"]
/// );
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct MemoryStore {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    committed: Mutex<BTreeMap<String, String>>,
    journal: Journal,
}

impl MemoryStore {
    /// An empty store.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty store that tells each entry of its journal to somebody else as well, to a log in which
    /// listeners write too, say.
    pub fn with_journal(told: impl Fn(&str) + Send + Sync + 'static) -> Self {
        let shared = Shared { committed: Mutex::default(), journal: Journal::told_to(told) };
        Self { shared: Arc::new(shared) }
    }

    /// It as what gives a core its units of work.
    pub fn provider(&self) -> Arc<dyn UnitOfWorkProvider> {
        Arc::new(self.clone())
    }

    /// Makes the next call of this kind fail.
    pub fn fail_next(&self, call: StoreCall) {
        self.fail_nth(call, 1);
    }

    /// Makes the n-th call of this kind fail, counted from now and from 1.
    pub fn fail_nth(&self, call: StoreCall, n: usize) {
        self.shared.journal.fail(Some(call), n);
    }

    /// Makes the n-th call of whatever kind fail, counted from now and from 1.
    pub fn fail_nth_call(&self, n: usize) {
        self.shared.journal.fail(None, n);
    }

    /// What was asked of the store, in order: `begin`, `put key`, `remove key`, `commit`, `rollback`,
    /// `savepoint 0`, `release 0`, `rollback to 0`, each with ` fails` behind it if it did, and
    /// `rollback by drop` for a unit of work that was dropped before it was over.
    pub fn journal(&self) -> Vec<String> {
        self.shared.journal.entries()
    }

    /// What is committed.
    pub fn committed(&self) -> BTreeMap<String, String> {
        self.shared.committed.lock().clone()
    }

    /// The keys of what is committed, sorted.
    pub fn keys(&self) -> Vec<String> {
        self.shared.committed.lock().keys().cloned().collect()
    }

    /// Whether nothing is committed.
    pub fn is_empty(&self) -> bool {
        self.shared.committed.lock().is_empty()
    }

    /// Writes, in the unit of work of the process around it.
    ///
    /// # Errors
    ///
    /// Outside of a process, in the process of another store, and when it was told to.
    pub async fn put(
        &self,
        context: &Context,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<()> {
        let (key, value) = (key.into(), value.into());
        let mut guard = Self::writing(context).await?;
        self.shared.journal.call(StoreCall::Put, format!("put {key}")).await?;
        self.unit(&mut guard)?.changes.insert(key, Some(value));
        Ok(())
    }

    /// Removes what stands under a key, in the unit of work of the process around it.
    ///
    /// # Errors
    ///
    /// Outside of a process, in the process of another store, and when it was told to.
    pub async fn remove(&self, context: &Context, key: impl Into<String>) -> Result<()> {
        let key = key.into();
        let mut guard = Self::writing(context).await?;
        self.shared.journal.call(StoreCall::Remove, format!("remove {key}")).await?;
        self.unit(&mut guard)?.changes.insert(key, None);
        Ok(())
    }

    /// Reads: in a process what it has changed too, outside of one what is committed.
    ///
    /// # Errors
    ///
    /// When the unit of work cannot be begun, is over, or is one of another store.
    pub async fn get(&self, context: &Context, key: &str) -> Result<Option<String>> {
        if let Some(mut guard) = context.unit_of_work().await?
            && let Some(changed) = self.unit(&mut guard)?.changes.get(key)
        {
            return Ok(changed.clone());
        }
        Ok(self.shared.committed.lock().get(key).cloned())
    }

    async fn writing(context: &Context) -> Result<UnitOfWorkGuard<'_>> {
        let guard = context.unit_of_work().await?;
        guard.ok_or_else(|| write_outside_of_a_process("the memory store"))
    }

    fn unit<'g>(&self, guard: &'g mut UnitOfWorkGuard<'_>) -> Result<&'g mut MemoryUnit> {
        guard
            .downcast_mut::<MemoryUnit>()
            .filter(|unit| Arc::ptr_eq(&unit.store.shared, &self.shared))
            .ok_or_else(|| Error::internal(OtherStore))
    }

    /// Makes changes last.
    fn apply(&self, changes: Changes) {
        let mut committed = self.shared.committed.lock();
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
            self.shared.journal.call(StoreCall::Begin, "begin").await?;
            let unit = MemoryUnit::new(self.clone());
            pause().await;
            Ok(Box::new(unit) as Box<dyn UnitOfWork>)
        })
    }
}

impl fmt::Debug for MemoryStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("committed", &self.committed())
            .field("journal", &self.journal())
            .finish_non_exhaustive()
    }
}

/// The unit of work of the process is one of another store.
#[derive(Debug, thiserror::Error)]
#[error(
    "the unit of work of this process does not belong to this memory store; \
     give the core and its repositories clones of one store"
)]
struct OtherStore;
