//! A pool of connections, with those at hand that were just used.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use sqlx::{Connection as _, Pool, pool::PoolConnection};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::timeout,
};

use crate::{backend::Backend, error::store_error};

/// How long a connection may stay away from its pool between two uses.
const AT_HAND_FOR: Duration = Duration::from_secs(1);

/// How long a connection may have been in use and still be taken for idle: whoever gives one back in the middle of a
/// statement, as a request does whose client is gone, leaves that running, and it hardly ever is one of the short ones.
const BRIEFLY: Duration = Duration::from_millis(20);

/// A pool of connections, with those at hand that were just used.
///
/// sqlx's pool asks every connection that comes back whether it is alive, in a task of its own. For a statement that
/// takes as long as that question it is half the work. So a connection that was in use briefly does not go back at
/// once, but is the next one to be lent; once in a second it goes back and is asked. So one that broke meanwhile is lent
/// for a second at most.
///
/// Whoever wants one queues up for a permit, of which there are as many as the pool may have connections. Of those that
/// hold one and look in vain for a connection at hand, the pool has one for each: what is out of it is in use by the
/// others, who hold a permit each.
pub(crate) struct Shelf<DB: Backend> {
    pool: Pool<DB>,
    /// `None` where the pool is somebody else's as well, who would wait for what is at hand here.
    at_hand: Option<AtHand<DB>>,
}

struct AtHand<DB: Backend> {
    permits: Arc<Semaphore>,
    connections: Mutex<Vec<Away<DB>>>,
}

/// A connection and since when it is away from the pool.
struct Away<DB: Backend> {
    connection: PoolConnection<DB>,
    since: Instant,
}

impl<DB: Backend> Shelf<DB> {
    /// Over a pool that nobody else has.
    pub(crate) fn of_own(pool: Pool<DB>) -> Arc<Self> {
        let most = usize::try_from(pool.options().get_max_connections()).unwrap_or(usize::MAX);
        let permits = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        let at_hand = Some(AtHand { permits, connections: Mutex::default() });
        Arc::new(Self { pool, at_hand })
    }

    /// Over a pool that others use as well: nothing is kept from them.
    pub(crate) fn of_shared(pool: Pool<DB>) -> Arc<Self> {
        Arc::new(Self { pool, at_hand: None })
    }

    /// How long a connection is waited for.
    pub(crate) fn patience(&self) -> Duration {
        self.pool.options().get_acquire_timeout()
    }

    /// Lends a connection that is in no transaction.
    pub(crate) async fn lend(self: &Arc<Self>) -> dullahan_core::Result<Leased<DB>> {
        let (away, permit) = match &self.at_hand {
            Some(at_hand) => {
                let permit = at_hand.permit(self.patience()).await.map_err(store_error)?;
                (at_hand.take(), Some(permit))
            }
            None => (None, None),
        };
        let away = match away {
            Some(away) => away,
            None => self.acquire().await?,
        };
        Ok(Leased { away: Some(away), permit, shelf: Arc::clone(self), at: Instant::now() })
    }

    /// Closes all connections, after those in use have come back.
    pub(crate) async fn close(&self) {
        let closed = self.pool.close();
        if let Some(at_hand) = &self.at_hand {
            at_hand.permits.close();
            drop(std::mem::take(&mut *at_hand.locked()));
        }
        closed.await;
    }

    async fn acquire(&self) -> dullahan_core::Result<Away<DB>> {
        loop {
            let mut connection = self.pool.acquire().await.map_err(store_error)?;
            if !connection.is_in_transaction() {
                return Ok(Away { connection, since: Instant::now() });
            }
            // The driver lost count: a transaction that the database itself rolled back, as SQLite does on a full
            // disk, leaves the connection unable to ever begin another.
            connection.close_on_drop();
        }
    }

    /// Takes a connection back, and gives it on to the pool unless it stays at hand.
    fn take_back(&self, away: Away<DB>, lent_at: Instant) {
        let now = Instant::now();
        let is_fresh = |away: &Away<DB>| now - away.since < AT_HAND_FOR;
        let mut stale = None;
        if is_fresh(&away)
            && now - lent_at < BRIEFLY
            && let Some(at_hand) = &self.at_hand
        {
            let mut connections = at_hand.locked();
            if !self.pool.is_closed() {
                // Of those that lie below and are not needed, one goes with each that comes.
                if connections.first().is_some_and(|first| !is_fresh(first)) {
                    stale = Some(connections.remove(0));
                }
                connections.push(away);
            }
        }
        drop(stale);
    }
}

impl<DB: Backend> AtHand<DB> {
    async fn permit(&self, patience: Duration) -> Result<OwnedSemaphorePermit, sqlx::Error> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = timeout(patience, permit).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        permit.map_err(|_| sqlx::Error::PoolClosed)
    }

    /// The connection that was used last, unless that is too long ago.
    fn take(&self) -> Option<Away<DB>> {
        let mut stale = Vec::new();
        let mut connections = self.locked();
        let fresh = loop {
            match connections.pop() {
                // Dropped when nobody has to wait for that.
                Some(away) if away.since.elapsed() >= AT_HAND_FOR => stale.push(away),
                found => break found,
            }
        };
        drop(connections);
        fresh
    }

    fn locked(&self) -> MutexGuard<'_, Vec<Away<DB>>> {
        // Nothing that is done under the lock can leave it half done.
        self.connections.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<DB: Backend> Drop for AtHand<DB> {
    /// A connection that goes back to its pool needs a runtime, and there may be none any more.
    fn drop(&mut self) {
        for away in self.locked().drain(..) {
            drop(away.connection.detach());
        }
    }
}

/// A connection that was lent, until it is dropped.
pub(crate) struct Leased<DB: Backend> {
    /// `None` only once it is on its way back.
    away: Option<Away<DB>>,
    /// Given to the next one when the connection is where that looks for it.
    permit: Option<OwnedSemaphorePermit>,
    shelf: Arc<Shelf<DB>>,
    at: Instant,
}

impl<DB: Backend> Leased<DB> {
    /// The connection for good: it goes back to the pool when it is dropped. The permit is to be kept until then.
    pub(crate) fn into_pooled(mut self) -> (PoolConnection<DB>, Option<OwnedSemaphorePermit>) {
        let away = self.away.take().expect("it is not on its way back");
        (away.connection, self.permit.take())
    }
}

impl<DB: Backend> Drop for Leased<DB> {
    fn drop(&mut self) {
        if let Some(away) = self.away.take() {
            self.shelf.take_back(away, self.at);
        }
    }
}

impl<DB: Backend> Deref for Leased<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        &self.away.as_ref().expect("it is not on its way back").connection
    }
}

impl<DB: Backend> DerefMut for Leased<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.away.as_mut().expect("it is not on its way back").connection
    }
}

impl<DB: Backend> fmt::Debug for Leased<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leased").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
