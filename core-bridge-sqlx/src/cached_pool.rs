//! A pool of connections, with a cache of those whose last read has completed.

use std::{
    fmt,
    ops::{Deref, DerefMut},
    sync::{Arc, Mutex, MutexGuard, PoisonError, Weak},
    time::{Duration, Instant},
};

use sqlx::{Connection as _, Pool, pool::PoolConnection};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    task::JoinHandle,
    time::{sleep_until, timeout},
};

use crate::{backend::Backend, error::store_error};

/// How long a connection may stay away from its pool between two uses.
const AWAY_AT_MOST: Duration = Duration::from_secs(1);

/// A pool of connections, with a cache of those whose last read has completed.
///
/// sqlx's pool pings every connection that comes back, in a task of its own. For a statement that takes as long as
/// that ping it is half the work. So a reader may say that [its statements have completed](Leased::done): then its
/// connection is the next one to be lent. Every other one goes back to the pool, whose ping waits for a statement that
/// was cancelled and finds a connection that broke. A connection is away from the pool for a second at most, whether
/// anybody reads or not.
///
/// Every user of a connection holds a permit, of which there are as many as the pool may have connections. A permit
/// holder that finds the cache empty can therefore always get a connection from the pool: all that are out of it are in
/// use, by holders of the other permits.
pub(crate) struct CachedPool<DB: Backend> {
    pool: Pool<DB>,
    /// `None` where others use the pool as well, who would wait for what is cached here.
    cache: Option<Cache<DB>>,
}

struct Cache<DB: Backend> {
    permits: Arc<Semaphore>,
    idle: Mutex<Idle<DB>>,
}

struct Idle<DB: Backend> {
    connections: Vec<Away<DB>>,
    /// The task that gives them back in time; it ends when there are none.
    timer: Option<JoinHandle<()>>,
}

/// A connection and since when it is away from the pool.
struct Away<DB: Backend> {
    connection: PoolConnection<DB>,
    since: Instant,
}

impl<DB: Backend> CachedPool<DB> {
    /// Over a pool of its own.
    pub(crate) fn of_own(pool: Pool<DB>) -> Arc<Self> {
        let most = usize::try_from(pool.options().get_max_connections()).unwrap_or(usize::MAX);
        let permits = Arc::new(Semaphore::new(most.min(Semaphore::MAX_PERMITS)));
        let idle = Mutex::new(Idle { connections: Vec::new(), timer: None });
        Arc::new(Self { pool, cache: Some(Cache { permits, idle }) })
    }

    /// Over a pool that others use as well: nothing is kept from them.
    pub(crate) fn of_shared(pool: Pool<DB>) -> Arc<Self> {
        Arc::new(Self { pool, cache: None })
    }

    /// How long a connection is waited for.
    pub(crate) fn patience(&self) -> Duration {
        self.pool.options().get_acquire_timeout()
    }

    /// Lends a connection that is in no transaction.
    pub(crate) async fn lend(self: &Arc<Self>) -> dullahan_core::Result<Leased<DB>> {
        let (cached, permit) = match &self.cache {
            Some(cache) => {
                let permit = cache.permit(self.patience()).await.map_err(store_error)?;
                (cache.locked().connections.pop(), Some(permit))
            }
            None => (None, None),
        };
        let away = match cached {
            Some(away) => away,
            None => self.acquire().await?,
        };
        Ok(Leased { away: Some(away), permit, pool: Arc::clone(self) })
    }

    /// Closes all connections, after those in use have come back.
    pub(crate) async fn close(&self) {
        let closed = self.pool.close();
        if let Some(cache) = &self.cache {
            cache.permits.close();
            drop(cache.take(|_| true));
        }
        closed.await;
    }

    /// Closes the idle connections: what was learnt of one connection's server is true of the others'.
    pub(crate) fn close_idle(&self) {
        let cached = self.cache.as_ref().map(|cache| cache.take(|_| true)).unwrap_or_default();
        let cached = cached.into_iter().map(|away| away.connection);
        for mut connection in cached.chain(std::iter::from_fn(|| self.pool.try_acquire())) {
            connection.close_on_drop();
        }
    }

    async fn acquire(&self) -> dullahan_core::Result<Away<DB>> {
        loop {
            let mut connection = self.pool.acquire().await.map_err(store_error)?;
            if !connection.is_in_transaction() {
                return Ok(Away { connection, since: Instant::now() });
            }
            // The driver lost count: a transaction that the database itself rolled back, while nobody waited for the
            // statement any more, leaves the connection unable to ever begin another.
            connection.close_on_drop();
        }
    }

    /// Caches a connection, unless it has to go back to the pool.
    fn keep(self: &Arc<Self>, away: Away<DB>) {
        let Some(cache) = &self.cache else { return };
        if away.since.elapsed() >= AWAY_AT_MOST || self.pool.is_closed() {
            return;
        }
        let mut idle = cache.locked();
        idle.connections.push(away);
        // It is finished too when the runtime that it ran on is gone.
        if idle.timer.as_ref().is_none_or(JoinHandle::is_finished) {
            idle.timer = Some(tokio::spawn(give_back_in_time(Arc::downgrade(self))));
        }
    }
}

/// Gives cached connections back to their pool when their time has come, until there are none.
async fn give_back_in_time<DB: Backend>(pool: Weak<CachedPool<DB>>) {
    loop {
        let next = {
            let Some(pool) = pool.upgrade() else { return };
            let Some(cache) = &pool.cache else { return };
            drop(cache.take(|away| away.since.elapsed() >= AWAY_AT_MOST));
            let mut idle = cache.locked();
            let Some(oldest) = idle.connections.iter().map(|away| away.since).min() else {
                idle.timer = None;
                return;
            };
            oldest + AWAY_AT_MOST
        };
        sleep_until(next.into()).await;
    }
}

impl<DB: Backend> Cache<DB> {
    async fn permit(&self, patience: Duration) -> Result<OwnedSemaphorePermit, sqlx::Error> {
        let permit = Arc::clone(&self.permits).acquire_owned();
        let permit = timeout(patience, permit).await.map_err(|_| sqlx::Error::PoolTimedOut)?;
        permit.map_err(|_| sqlx::Error::PoolClosed)
    }

    /// Takes some connections out. Dropped when the lock is free again, they go back to the pool.
    fn take(&self, which: impl Fn(&Away<DB>) -> bool) -> Vec<Away<DB>> {
        self.locked().connections.extract_if(.., |away| which(away)).collect()
    }

    fn locked(&self) -> MutexGuard<'_, Idle<DB>> {
        // Nothing that is done under the lock can leave it half done.
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<DB: Backend> Drop for Cache<DB> {
    /// A connection that goes back to its pool needs a runtime, and there may be none any more.
    fn drop(&mut self) {
        for away in self.take(|_| true) {
            drop(away.connection.detach());
        }
    }
}

/// A connection that was lent; dropped, it goes back to the pool, which pings it.
pub(crate) struct Leased<DB: Backend> {
    /// `None` only once it was given away. Declared first, so that the next one to have the permit finds it.
    away: Option<Away<DB>>,
    permit: Option<OwnedSemaphorePermit>,
    pool: Arc<CachedPool<DB>>,
}

impl<DB: Backend> Leased<DB> {
    /// Gives it to the next reader: its statements have completed, and none of them found it broken.
    pub(crate) fn done(mut self) {
        if let Some(away) = self.away.take() {
            self.pool.keep(away);
        }
    }

    /// The connection for good: it goes back to the pool when it is dropped. The permit is to be kept until then.
    pub(crate) fn into_pooled(mut self) -> (PoolConnection<DB>, Option<OwnedSemaphorePermit>) {
        let away = self.away.take().expect("it was not given away");
        (away.connection, self.permit.take())
    }
}

impl<DB: Backend> Deref for Leased<DB> {
    type Target = DB::Connection;

    fn deref(&self) -> &Self::Target {
        &self.away.as_ref().expect("it was not given away").connection
    }
}

impl<DB: Backend> DerefMut for Leased<DB> {
    fn deref_mut(&mut self) -> &mut Self::Target {
        &mut self.away.as_mut().expect("it was not given away").connection
    }
}

impl<DB: Backend> fmt::Debug for Leased<DB> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Leased").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
