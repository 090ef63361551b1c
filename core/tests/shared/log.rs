//! One recorded order of whatever happened.

use std::sync::Arc;

use dullahan_core::{
    After, Before, Committed, DefaultAction, Event, Observe, Outcome, Result, RolledBack,
};
use parking_lot::Mutex;

/// What happened, in the order in which it happened. Clones write into the same log.
#[derive(Clone, Default)]
pub(crate) struct Log {
    entries: Arc<Mutex<Vec<String>>>,
}

impl Log {
    pub(crate) fn new() -> Self {
        Self::default()
    }

    pub(crate) fn add(&self, entry: impl Into<String>) {
        self.entries.lock().push(entry.into());
    }

    pub(crate) fn entries(&self) -> Vec<String> {
        self.entries.lock().clone()
    }

    /// What happened since the last call.
    pub(crate) fn take(&self) -> Vec<String> {
        std::mem::take(&mut self.entries.lock())
    }

    /// A listener before the default action that only writes its name.
    pub(crate) fn before<E: Event>(
        &self,
        name: &'static str,
    ) -> impl for<'a> Fn(Before<'a, E>) -> Result<()> + Send + Sync + 'static {
        let log = self.clone();
        move |_: Before<'_, E>| {
            log.add(name);
            Ok(())
        }
    }

    /// A default action that writes its name and gives this output.
    pub(crate) fn perform<E: Event>(
        &self,
        name: &'static str,
        output: E::Output,
    ) -> impl for<'a> Fn(DefaultAction<'a, E>) -> Result<E::Output> + Send + Sync + 'static
    where
        E::Output: Clone,
    {
        let log = self.clone();
        move |_: DefaultAction<'_, E>| {
            log.add(name);
            Ok(output.clone())
        }
    }

    /// A listener after the default action that only writes its name.
    pub(crate) fn after<E: Event>(
        &self,
        name: &'static str,
    ) -> impl for<'a> Fn(After<'a, E>) -> Result<()> + Send + Sync + 'static {
        let log = self.clone();
        move |_: After<'_, E>| {
            log.add(name);
            Ok(())
        }
    }

    /// An observer that writes its name and what came of the event.
    pub(crate) fn observe<E: Event>(
        &self,
        name: &'static str,
    ) -> impl for<'a> Fn(Observe<'a, E>) -> Result<()> + Send + Sync + 'static {
        let log = self.clone();
        move |ev: Observe<'_, E>| {
            log.add(match ev.outcome() {
                Outcome::Completed(_) => format!("{name}: completed"),
                Outcome::Prevented { by, .. } => format!("{name}: prevented by {by}"),
                Outcome::Failed(error) => format!("{name}: failed, {}", error.code()),
            });
            Ok(())
        }
    }

    /// A committed listener that only writes its name.
    pub(crate) fn committed<E: Event>(
        &self,
        name: &'static str,
    ) -> impl for<'a> Fn(Committed<'a, E>) -> Result<()> + Send + Sync + 'static {
        let log = self.clone();
        move |_: Committed<'_, E>| {
            log.add(name);
            Ok(())
        }
    }

    /// A rolled-back listener that writes its name and the error's code.
    pub(crate) fn rolled_back<E: Event>(
        &self,
        name: &'static str,
    ) -> impl for<'a> Fn(RolledBack<'a, E>) -> Result<()> + Send + Sync + 'static {
        let log = self.clone();
        move |ev: RolledBack<'_, E>| {
            log.add(format!("{name}: {}", ev.error().code()));
            Ok(())
        }
    }
}
