//! One unit of work after the other.

use std::{future::poll_fn, pin::pin, sync::Arc, task::Poll, time::Duration};

use async_lock::{Mutex, MutexGuardArc};
use dullahan_core::{Error, Result};
use futures_timer::Delay;

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
        if let Some(turn) = self.turn.try_lock_arc() {
            return Ok(turn);
        }
        let mut turn = pin!(self.turn.lock_arc());
        let mut timer = pin!(Delay::new(limit));
        poll_fn(|context| {
            if let Poll::Ready(turn) = turn.as_mut().poll(context) {
                return Poll::Ready(Ok(turn));
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
