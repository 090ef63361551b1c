//! The unit of work of a process: a port, and who may use it when.

mod failure;
mod guard;
mod id;
mod savepoint;
mod waiting;
mod within;
mod work;

use std::{any::Any, sync::Arc, time::Duration};

pub use self::{guard::UnitOfWorkGuard, id::UnitOfWorkId};
pub(crate) use self::{
    savepoint::{Joined, Savepoint},
    waiting::Deferred,
    work::Work,
};
pub use super::completion::Spawner;
use crate::{error::Result, future::BoxFuture};

/// Begins units of work: a port that an adapter such as `dullahan-core-bridge-sqlx` implements.
pub trait UnitOfWorkProvider: Send + Sync + 'static {
    /// Begins a unit of work, a transaction say.
    ///
    /// Called at the first repository call of a process and not before: a process that touches no repository
    /// never begins one.
    ///
    /// # Errors
    ///
    /// When none can be begun; the process fails with this error.
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>>;

    /// The runtime that its units of work need, if it knows one: it finishes what a caller leaves, unless the
    /// application has given the core another [spawner](crate::CoreBuilder::spawner).
    fn spawner(&self) -> Option<Arc<dyn Spawner>> {
        None
    }

    /// How long a repository waits for the unit of work of its process while another one has it: ten seconds, unless
    /// the adapter says otherwise.
    ///
    /// Only futures that run side by side in one process ever wait. A repository that asks for the unit of work while
    /// it holds it would wait for itself, so its process fails once this has passed.
    fn wait_limit(&self) -> Duration {
        Duration::from_secs(10)
    }
}

/// A unit of work that has begun and is neither committed nor rolled back.
///
/// **Dropping it rolls it back**: that is what happens when the future of a process is dropped, because its
/// client went away, say.
pub trait UnitOfWork: Any + Send {
    /// Makes everything that was done in it last.
    ///
    /// # Errors
    ///
    /// When it could not be committed. The caller of the process gets this error.
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>>;

    /// Undoes everything that was done in it.
    ///
    /// # Errors
    ///
    /// When the store did not confirm it. Nothing is committed then either, so the error is only logged.
    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<()>>;

    /// Marks a place to which [`rollback_to_savepoint`](Self::rollback_to_savepoint) goes back. They nest;
    /// `number` is how many are open already.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    fn savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>>;

    /// Gives a savepoint up and keeps what was done since.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    fn release_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>>;

    /// Undoes what was done since a savepoint, and gives it up.
    ///
    /// # Errors
    ///
    /// When the store refuses.
    fn rollback_to_savepoint(&mut self, number: u32) -> BoxFuture<'_, Result<()>>;

    /// The unit of work that this one stands before, if it is one that counts, measures or logs what another
    /// one does: so that an adapter finds its own behind it.
    fn inner(&mut self) -> Option<&mut dyn UnitOfWork> {
        None
    }
}
