//! What is nested in a unit of work: parts that may fail alone, and processes that may not.

use std::sync::Arc;

use super::work::Work;
use crate::error::{Error, Result};

/// A part of a unit of work that is kept or undone by itself.
///
/// One that is dropped is undone before anything else is done in the unit of work.
pub(crate) struct Savepoint {
    work: Arc<Work>,
    /// What the level around it knows it by.
    number: u64,
}

impl Savepoint {
    pub(super) fn new(work: Arc<Work>, number: u64) -> Self {
        Self { work, number }
    }

    /// The unit of work inside of it.
    pub(crate) fn work(&self) -> &Arc<Work> {
        &self.work
    }

    /// Keeps what was done in it, or undoes it. The events that had ended in it were undone by the error, with its place
    /// in the wiring.
    ///
    /// A store that does not confirm that it is undone is asked again before anything else is done in it.
    pub(crate) async fn settle<T>(
        self,
        result: Result<T>,
        placed: impl FnOnce(Error) -> Error,
    ) -> Result<T> {
        let error = match result {
            Ok(output) => match self.work.release().await {
                Ok(()) => return Ok(output),
                Err(error) => error,
            },
            Err(error) => error,
        };
        let error = placed(error);
        if let Err(unconfirmed) = self.work.roll_back_to().await {
            tracing::warn!(error = %unconfirmed, "the store did not confirm a rollback to a savepoint");
        }
        self.work.undone_by(&error);
        Err(error)
    }
}

impl Drop for Savepoint {
    fn drop(&mut self) {
        self.work.end(self.number);
    }
}

/// A nested process that shares the fate of the one around it: unless it ends well, that cannot be committed.
pub(crate) struct Joined<'a> {
    work: &'a Work,
    number: u64,
}

impl<'a> Joined<'a> {
    pub(super) fn new(work: &'a Work, number: u64) -> Self {
        Self { work, number }
    }

    /// It has succeeded, or has said no before it did anything.
    pub(crate) fn ended_well(self) {
        self.work.ended(self.number);
    }
}
