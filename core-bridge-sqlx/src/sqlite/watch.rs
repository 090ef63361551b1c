//! What keeps a transaction of SQLite from being ended by anybody but its process.

use std::sync::{
    Arc,
    atomic::{AtomicU8, Ordering},
};

use sqlx::SqliteConnection;

/// Nobody watches: whoever uses the connection commits and rolls back as they like.
const FREE: u8 = 0;
/// The transaction of a process, in which nothing is to be committed yet.
const OPEN: u8 = 1;
/// It is being rolled back, and still nothing is to be committed.
const UNDOING: u8 = 2;
/// Something else than the process has ended it.
const ENDED: u8 = 3;

/// Keeps a transaction from being ended by anybody but its process.
///
/// SQLite asks before each commit, also before that of a single statement outside of a transaction, and reports each
/// rollback, also one of its own. So after a transaction was ended, whatever ended it, nothing more is written on its
/// connection until the process is over.
///
/// # Rule
///
/// SQLite, "Commit And Rollback Notification Callbacks": a commit whose callback says no is turned into a rollback.
#[derive(Debug)]
#[expect(unnameable_types, reason = "what a sealed trait asks for")]
pub struct Watch(Arc<AtomicU8>);

impl Watch {
    /// Watches over the transaction that is to begin on a connection.
    pub(super) async fn over(connection: &mut SqliteConnection) -> Result<Self, sqlx::Error> {
        let state = Arc::new(AtomicU8::new(OPEN));
        let mut handle = connection.lock_handle().await?;
        handle.set_commit_hook({
            let state = Arc::clone(&state);
            move || {
                let _ = change(&state, OPEN, ENDED);
                state.load(Ordering::Acquire) == FREE
            }
        });
        handle.set_rollback_hook({
            let state = Arc::clone(&state);
            move || {
                let _ = change(&state, OPEN, ENDED);
                let _ = change(&state, UNDOING, FREE);
            }
        });
        drop(handle);
        Ok(Self(state))
    }

    /// Whether something else has ended the transaction.
    pub(super) fn saw_the_end(&self) -> bool {
        self.0.load(Ordering::Acquire) == ENDED
    }

    /// Lets the process end it, unless something else has.
    pub(super) fn release(&self) -> bool {
        change(&self.0, OPEN, FREE)
    }

    /// Stops watching at the next rollback; until then nothing is committed, by a statement that is still running either.
    pub(super) fn release_by_rollback(&self) {
        let _ = change(&self.0, OPEN, UNDOING) || change(&self.0, ENDED, UNDOING);
    }
}

fn change(state: &AtomicU8, from: u8, to: u8) -> bool {
    state.compare_exchange(from, to, Ordering::AcqRel, Ordering::Acquire).is_ok()
}
