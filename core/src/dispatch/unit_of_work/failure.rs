//! Why a unit of work can be neither used nor committed.

use std::time::Duration;

/// A context was kept beyond the end of its process.
#[derive(Debug, thiserror::Error)]
#[error("the unit of work is over: its process has been committed or rolled back already")]
pub(super) struct Over;

/// The turn did not come in time.
#[derive(Debug, thiserror::Error)]
pub(super) enum NoTurn {
    #[error(
        "waited {limit:?} for the unit of work of `{process}`, which a repository still holds; drop its guard before \
         asking again, also in a repository that calls another one"
    )]
    OfRepository { process: &'static str, limit: Duration },
    #[error(
        "waited {limit:?} for the unit of work of `{process}`, in which a savepoint of `{savepoint}` is open; run one \
         after the other what uses one unit of work, or keep what runs beside it short"
    )]
    OfSavepoint { process: &'static str, savepoint: &'static str, limit: Duration },
}

/// A future that had the unit of work was neither polled to its end nor dropped.
#[derive(Debug, thiserror::Error)]
#[error(
    "a future that holds the unit of work of `{process}` was forgotten, so it can be neither used nor ended; \
     drop futures that are given up"
)]
pub(super) struct Forgotten {
    pub(super) process: &'static str,
}

/// A nested process failed, and the listener that dispatched it went on.
#[derive(Debug, thiserror::Error)]
#[error(
    "`{event}` failed inside of this unit of work, which therefore cannot be committed; \
     let the error through, or dispatch `{event}` with `dispatch_in_savepoint` so that it may fail alone"
)]
pub(super) struct Doomed {
    pub(super) event: &'static str,
}
