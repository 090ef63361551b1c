//! When a connection is cached, and when it goes back to its pool.
#![cfg(feature = "sqlite")]

use std::{
    pin::pin,
    sync::Arc,
    time::{Duration, Instant},
};

use sqlx::{Sqlite, sqlite::SqlitePoolOptions};
use tokio::{task::yield_now, time::timeout};

use super::{AWAY_AT_MOST, CachedPool, Leased};

async fn pool_of(options: SqlitePoolOptions) -> Arc<CachedPool<Sqlite>> {
    CachedPool::of_own(options.connect("sqlite::memory:").await.unwrap())
}

async fn pool_of_two() -> Arc<CachedPool<Sqlite>> {
    pool_of(SqlitePoolOptions::new().max_connections(2)).await
}

fn permits(pool: &CachedPool<Sqlite>) -> usize {
    pool.cache.as_ref().unwrap().permits.available_permits()
}

fn cached(pool: &CachedPool<Sqlite>) -> usize {
    pool.cache.as_ref().unwrap().locked().connections.len()
}

/// Waits until as many are idle in the pool as there should be.
async fn idle(pool: &CachedPool<Sqlite>, expected: usize) {
    while pool.pool.num_idle() != expected {
        yield_now().await;
    }
}

async fn use_one(pool: &Arc<CachedPool<Sqlite>>) {
    pool.lend().await.unwrap().done();
}

#[tokio::test]
async fn a_connection_whose_statements_have_completed_is_the_next_one_to_be_lent() {
    let pool = pool_of_two().await;
    for _ in 0..3 {
        use_one(&pool).await;
        assert_eq!((cached(&pool), pool.pool.num_idle(), pool.pool.size()), (1, 0, 1));
    }
}

#[tokio::test]
async fn one_that_is_only_dropped_goes_back_to_the_pool() {
    let pool = pool_of_two().await;
    drop(pool.lend().await.unwrap());
    idle(&pool, 1).await;
    assert_eq!(cached(&pool), 0);
}

#[tokio::test]
async fn one_that_was_away_for_long_goes_back_to_the_pool() {
    let pool = pool_of_two().await;
    let mut leased: Leased<Sqlite> = pool.lend().await.unwrap();
    let away = leased.away.as_mut().unwrap();
    away.since = away.since.checked_sub(AWAY_AT_MOST).unwrap();
    leased.done();
    idle(&pool, 1).await;
    assert_eq!(cached(&pool), 0);
}

/// Nobody reads any more, and the pool closes what is idle or old.
#[tokio::test]
async fn core_04_cached_connections_go_back_in_time_without_further_reads() {
    let options = SqlitePoolOptions::new()
        .max_connections(3)
        .idle_timeout(Duration::from_secs(1))
        .max_lifetime(Duration::from_secs(2));
    let pool = pool_of(options).await;
    let (one, two, three) =
        (pool.lend().await.unwrap(), pool.lend().await.unwrap(), pool.lend().await.unwrap());
    let began = Instant::now();
    for leased in [one, two, three] {
        leased.done();
    }
    assert_eq!(cached(&pool), 3);
    timeout(Duration::from_secs(30), async {
        while cached(&pool) > 0 {
            yield_now().await;
        }
        assert!(began.elapsed() <= AWAY_AT_MOST + Duration::from_secs(5), "{:?}", began.elapsed());
        while pool.pool.size() > 0 {
            yield_now().await;
        }
    })
    .await
    .expect("the pool closed those that were idle");
    // The next one starts the timer anew.
    use_one(&pool).await;
    idle(&pool, 1).await;
    assert_eq!(cached(&pool), 0);
}

#[tokio::test]
async fn whoever_waits_gets_the_connection_of_whoever_is_done() {
    let pool = pool_of_two().await;
    let (one, _other) = (pool.lend().await.unwrap(), pool.lend().await.unwrap());
    let mut waiting = pin!(pool.lend());
    assert!(timeout(Duration::ZERO, waiting.as_mut()).await.is_err());
    one.done();
    waiting.await.unwrap().done();
    assert_eq!((cached(&pool), permits(&pool), pool.pool.num_idle()), (1, 1, 0));
}

#[tokio::test]
async fn whoever_gives_up_waiting_takes_nothing_along() {
    let pool = pool_of_two().await;
    let (one, other) = (pool.lend().await.unwrap(), pool.lend().await.unwrap());
    assert!(timeout(Duration::ZERO, pool.lend()).await.is_err());
    one.done();
    other.done();
    assert_eq!((cached(&pool), permits(&pool)), (2, 2));
}

#[tokio::test]
async fn a_permit_is_kept_as_long_as_the_connection() {
    let pool = pool_of_two().await;
    let (connection, permit) = pool.lend().await.unwrap().into_pooled();
    assert_eq!(permits(&pool), 1);
    drop(connection);
    drop(permit);
    assert_eq!(permits(&pool), 2);
    idle(&pool, 1).await;
}

#[tokio::test]
async fn all_that_nobody_uses_can_be_closed() {
    let pool = pool_of(SqlitePoolOptions::new().max_connections(3)).await;
    let (used, cached_one, idle_one) =
        (pool.lend().await.unwrap(), pool.lend().await.unwrap(), pool.lend().await.unwrap());
    cached_one.done();
    drop(idle_one);
    idle(&pool, 1).await;
    pool.close_idle();
    while pool.pool.size() > 1 {
        yield_now().await;
    }
    assert_eq!((cached(&pool), pool.pool.num_idle()), (0, 0));
    drop(used);
    idle(&pool, 1).await;
}

#[tokio::test]
async fn a_closed_pool_lends_nothing_and_caches_nothing() {
    let pool = pool_of_two().await;
    let (one, other) = (pool.lend().await.unwrap(), pool.lend().await.unwrap());
    other.done();
    let mut closing = pin!(pool.close());
    assert!(timeout(Duration::ZERO, closing.as_mut()).await.is_err());
    assert!(pool.lend().await.is_err());
    one.done();
    closing.await;
    assert_eq!((cached(&pool), pool.pool.size()), (0, 0));
}

#[tokio::test]
async fn nothing_of_a_shared_pool_is_cached() {
    let pool =
        SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let pool = CachedPool::of_shared(pool);
    use_one(&pool).await;
    idle(&pool, 1).await;
}
