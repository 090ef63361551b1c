//! Events that wait for the end of their unit of work.

use std::sync::Arc;

use crate::{dispatch::scope::Scope, error::Error, future::BoxFuture};

/// An event that waits for the end of its unit of work.
pub(crate) trait Deferred: Send {
    /// Calls the listeners that waited, as part of the saga of the process whose unit of work is over: committed, or
    /// rolled back because of an error.
    fn settle<'a>(
        self: Box<Self>,
        process: &'a Scope<'a>,
        ended: Result<(), &'a Error>,
    ) -> BoxFuture<'a, ()>;
}

/// An event that waits, and what it was undone by if that was with a savepoint.
pub(crate) struct Waiting {
    pub(super) event: Box<dyn Deferred>,
    pub(super) undone_by: Option<Arc<Error>>,
}

impl Waiting {
    /// Calls the listeners that waited. One that was undone with a savepoint stays undone, however the unit of work
    /// ended.
    pub(crate) async fn settle(self, process: &Scope<'_>, ended: Result<(), &Error>) {
        let ended = self.undone_by.as_deref().map_or(ended, Err);
        self.event.settle(process, ended).await;
    }
}
