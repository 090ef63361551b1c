//! A transactional store in memory, and the units of work of it.

mod journal;
mod turn;
mod unit;

use std::{collections::BTreeMap, fmt, sync::Arc};

use dullahan_core::{
    BoxFuture, Context, Error, Result,
    context::write_outside_of_a_process,
    unit_of_work::{UnitOfWork, UnitOfWorkGuard, UnitOfWorkProvider},
};
use parking_lot::Mutex;

pub use self::journal::StoreCall;
use self::{journal::Journal, turn::Turns, unit::MemoryUnit};
use crate::pause::pause;

/// A transactional store in memory: where units of work come from, and what a repository in memory is made of.
///
/// It holds one value of type `T`, the tables of a module, for example. Unless told otherwise that is a map of texts.
///
/// - **Isolated.** Each unit of work changes a state of its own, which others see once it is committed. Units of work run
///   one after the other, as the writers of SQLite do: one that begins waits until the one before it is over, at most for
///   the [wait limit](UnitOfWorkProvider::wait_limit). Outside of a process a read sees what is committed.
/// - **Watched.** A store of texts notes every call in a [journal](Self::journal). Each call can be told to
///   [fail](Self::fail_nth), and yields before it acts and after, as a database would, so that a future can be dropped
///   there.
///
/// Clones are the same store.
///
/// ```
/// use std::sync::Arc;
///
/// use dullahan_core::{Context, Core, DefaultAction, Inject, Process, Result};
/// use dullahan_core_testing::{MemoryStore, StoreCall};
///
/// #[derive(Process)]
/// struct OrderProcess;
///
/// async fn order(ev: DefaultAction<'_, OrderProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
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
/// assert!(core.dispatch(&Context::new(), OrderProcess).await.is_err());
/// assert!(store.is_empty());
///
/// core.dispatch(&Context::new(), OrderProcess).await?;
/// assert_eq!(store.keys(), ["horse"]);
/// assert_eq!(
///     store.journal(),
///     ["begin", "put horse", "commit fails", "begin", "put horse", "commit"]
/// );
/// # Ok(())
/// # }
/// ```
///
/// # A repository in memory
///
/// ```
/// use std::collections::BTreeMap;
///
/// use dullahan_core::{Context, Result};
/// use dullahan_core_testing::MemoryStore;
///
/// #[derive(Clone, Default)]
/// struct Tables {
///     rooms: BTreeMap<u32, String>,
/// }
///
/// struct RoomsInMemory(MemoryStore<Tables>);
///
/// impl RoomsInMemory {
///     async fn add(&self, context: &Context, number: u32, name: String) -> Result<()> {
///         self.0.write(context, |tables| Ok(drop(tables.rooms.insert(number, name)))).await
///     }
///
///     async fn name(&self, context: &Context, number: u32) -> Result<Option<String>> {
///         self.0.read(context, |tables| tables.rooms.get(&number).cloned()).await
///     }
/// }
/// ```
pub struct MemoryStore<T = Texts> {
    shared: Arc<Shared<T>>,
}

/// What a [`MemoryStore`] holds unless told otherwise: texts by their keys.
pub type Texts = BTreeMap<String, String>;

struct Shared<T> {
    committed: Mutex<Arc<T>>,
    journal: Journal,
    turns: Turns,
}

impl<T: Clone + Send + Sync + 'static> MemoryStore<T> {
    /// A store that holds this at first. It keeps no journal.
    pub fn with(state: T) -> Self {
        Self::of(state, Journal::none())
    }

    fn of(state: T, journal: Journal) -> Self {
        let (committed, turns) = (Mutex::new(Arc::new(state)), Turns::default());
        Self { shared: Arc::new(Shared { committed, journal, turns }) }
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
    pub fn committed(&self) -> T {
        T::clone(&self.shared.committed.lock())
    }

    /// Reads: in a process what it has changed too, outside of one what is committed.
    ///
    /// # Errors
    ///
    /// When the unit of work cannot be begun, is over, or is one of another store.
    pub async fn read<R>(&self, context: &Context, look: impl FnOnce(&T) -> R) -> Result<R> {
        let guard = context.unit_of_work().await?;
        pause().await;
        if let Some(mut guard) = guard {
            return Ok(look(&self.unit(&mut guard)?.state));
        }
        let committed = Arc::clone(&self.shared.committed.lock());
        Ok(look(&committed))
    }

    /// Writes, in the unit of work of the process around it. A change that fails leaves nothing behind.
    ///
    /// # Errors
    ///
    /// Outside of a process, in the process of another store, when it was told to fail, and when the change fails.
    pub async fn write<R>(
        &self,
        context: &Context,
        change: impl FnOnce(&mut T) -> Result<R>,
    ) -> Result<R> {
        self.write_as(StoreCall::Write, context, "write".to_owned(), change).await
    }

    async fn write_as<R>(
        &self,
        call: StoreCall,
        context: &Context,
        entry: String,
        change: impl FnOnce(&mut T) -> Result<R>,
    ) -> Result<R> {
        let guard = context.unit_of_work().await?;
        let mut guard = guard.ok_or_else(|| write_outside_of_a_process("the memory store"))?;
        self.shared.journal.call(call, entry).await?;
        let unit = self.unit(&mut guard)?;
        let mut state = Arc::clone(&unit.state);
        let changed = change(Arc::make_mut(&mut state))?;
        unit.state = state;
        Ok(changed)
    }

    fn unit<'g>(&self, guard: &'g mut UnitOfWorkGuard<'_>) -> Result<&'g mut MemoryUnit<T>> {
        guard
            .downcast_mut::<MemoryUnit<T>>()
            .filter(|unit| Arc::ptr_eq(&unit.store.shared, &self.shared))
            .ok_or_else(|| Error::internal(OtherStore))
    }
}

impl MemoryStore {
    /// An empty store of texts.
    pub fn new() -> Self {
        Self::of(Texts::new(), Journal::default())
    }

    /// An empty store of texts that reports each entry of its journal as well, to a log that listeners write in too, for
    /// example.
    pub fn with_journal(told: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self::of(Texts::new(), Journal::told_to(told))
    }

    /// The keys of what is committed, sorted.
    pub fn keys(&self) -> Vec<String> {
        self.shared.committed.lock().keys().cloned().collect()
    }

    /// Whether nothing is committed.
    pub fn is_empty(&self) -> bool {
        self.shared.committed.lock().is_empty()
    }

    /// Writes a text, in the unit of work of the process around it.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn put(
        &self,
        context: &Context,
        key: impl Into<String>,
        value: impl Into<String>,
    ) -> Result<()> {
        let (key, value) = (key.into(), value.into());
        let put = |texts: &mut Texts| {
            texts.insert(key.clone(), value);
            Ok(())
        };
        self.write_as(StoreCall::Put, context, format!("put {key}"), put).await
    }

    /// Removes a text, in the unit of work of the process around it.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    pub async fn remove(&self, context: &Context, key: impl Into<String>) -> Result<()> {
        let key = key.into();
        let remove = |texts: &mut Texts| {
            texts.remove(&key);
            Ok(())
        };
        self.write_as(StoreCall::Remove, context, format!("remove {key}"), remove).await
    }

    /// Reads a text: in a process as it was changed there, outside of one as it is committed.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub async fn get(&self, context: &Context, key: &str) -> Result<Option<String>> {
        self.read(context, |texts| texts.get(key).cloned()).await
    }
}

impl<T> Clone for MemoryStore<T> {
    fn clone(&self) -> Self {
        Self { shared: Arc::clone(&self.shared) }
    }
}

/// A store without a journal.
impl<T: Clone + Default + Send + Sync + 'static> Default for MemoryStore<T> {
    fn default() -> Self {
        Self::with(T::default())
    }
}

impl<T: Clone + Send + Sync + 'static> UnitOfWorkProvider for MemoryStore<T> {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        Box::pin(async {
            self.shared.journal.call(StoreCall::Begin, "begin").await?;
            let turn = self.shared.turns.next(self.wait_limit()).await?;
            let state = Arc::clone(&self.shared.committed.lock());
            let unit = MemoryUnit::new(self.clone(), state, turn);
            pause().await;
            Ok(Box::new(unit) as Box<dyn UnitOfWork>)
        })
    }
}

/// Shows the journal and nothing of what is stored.
impl<T> fmt::Debug for MemoryStore<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStore")
            .field("journal", &self.shared.journal.entries())
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
