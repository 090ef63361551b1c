//! What was asked of a store, and what of it has to fail.

use dullahan_core::{Error, Result};
use parking_lot::Mutex;

use crate::pause::pause;

/// A call that a [`MemoryStore`](super::MemoryStore) can be told to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StoreCall {
    /// Begins a unit of work.
    Begin,
    /// Changes what is stored.
    Write,
    /// Writes a text.
    Put,
    /// Removes a text.
    Remove,
    /// Makes last what was written; one that fails leaves nothing of it.
    Commit,
    /// Undoes what was written; it is undone all the same where this fails.
    Rollback,
    /// Marks a savepoint.
    Savepoint,
    /// Gives a savepoint up and keeps what was written since.
    ReleaseSavepoint,
    /// Undoes what was written since a savepoint.
    RollbackToSavepoint,
}

/// What was asked of a store, and what of it has to fail.
#[derive(Default)]
pub(super) struct Journal {
    entries: Mutex<Vec<String>>,
    failing: Mutex<Vec<Failing>>,
    told: Option<Told>,
    /// Whether nothing is noted: a store that lives long would note without end.
    is_off: bool,
}

/// Whoever is told each entry as well.
type Told = Box<dyn Fn(&str) + Send + Sync>;

/// A call that has to fail, once.
struct Failing {
    /// `None` for whatever call.
    call: Option<StoreCall>,
    /// How many such calls are left, the failing one included.
    left: usize,
}

impl Journal {
    pub(super) fn told_to(told: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self { told: Some(Box::new(told)), ..Self::default() }
    }

    pub(super) fn none() -> Self {
        Self { is_off: true, ..Self::default() }
    }

    pub(super) fn entries(&self) -> Vec<String> {
        self.entries.lock().clone()
    }

    pub(super) fn add(&self, entry: impl Into<String>) {
        if self.is_off {
            return;
        }
        let entry = entry.into();
        if let Some(told) = &self.told {
            told(&entry);
        }
        self.entries.lock().push(entry);
    }

    pub(super) fn fail(&self, call: Option<StoreCall>, n: usize) {
        self.failing.lock().push(Failing { call, left: n });
    }

    /// Gives way, notes the call, and fails if it has to.
    pub(super) async fn call(&self, call: StoreCall, entry: impl Into<String>) -> Result<()> {
        let entry = entry.into();
        pause().await;
        if self.is_to_fail(call) {
            self.add(format!("{entry} fails"));
            return Err(Error::unavailable(ToldToFail(entry)));
        }
        self.add(entry);
        Ok(())
    }

    fn is_to_fail(&self, call: StoreCall) -> bool {
        let mut failing = self.failing.lock();
        for failing in failing.iter_mut() {
            if failing.call.is_none_or(|kind| kind == call) {
                failing.left = failing.left.saturating_sub(1);
            }
        }
        let before = failing.len();
        failing.retain(|failing| failing.left > 0);
        failing.len() < before
    }
}

/// A call failed because a test said so.
#[derive(Debug, thiserror::Error)]
#[error("the memory store was told to fail: {0}")]
struct ToldToFail(String);
