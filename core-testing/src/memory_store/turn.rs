//! One unit of work after the other.

use std::{sync::Arc, time::Duration};

use async_lock::{Mutex, MutexGuardArc};
use dullahan_core::{Error, Result};

/// Gives the turn to one unit of work after the other, in the order in which they ask.
#[derive(Default)]
pub(super) struct Turns {
    turn: Arc<Mutex<()>>,
}

/// The turn of a unit of work, until it is dropped.
pub(super) type Turn = MutexGuardArc<()>;

impl Turns {
    /// Waits until the units of work before are over.
    pub(super) async fn next(&self, limit: Duration) -> Result<Turn> {
        let mut turn = std::pin::pin!(self.turn.lock_arc());
        let mut timer = std::pin::pin!(futures_timer::Delay::new(limit));
        std::future::poll_fn(|context| {
            if let std::task::Poll::Ready(turn) = turn.as_mut().poll(context) {
                return std::task::Poll::Ready(Ok(turn));
            }
            timer.as_mut().poll(context).map(|()| Err(Error::internal(NoTurn { limit })))
        })
        .await
    }
}

/// Another unit of work is open and does not end.
#[derive(Debug, thiserror::Error)]
#[error(
    "another unit of work of this memory store has been open for {limit:?}: units of work run one after the other, so a \
     process must not wait for one that runs beside it; dispatch that by its handle, `ev.dispatch(..)`, to share the unit \
     of work"
)]
struct NoTurn {
    limit: Duration,
}
