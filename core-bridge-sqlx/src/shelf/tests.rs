//! When a connection stays at hand, and when it goes back to its pool.
#![cfg(feature = "sqlite")]

use std::{
    pin::pin,
    sync::{Arc, MutexGuard},
    time::Duration,
};

use sqlx::{Sqlite, sqlite::SqlitePoolOptions};
use tokio::{task::yield_now, time::timeout};

use super::{AT_HAND_FOR, Away, BRIEFLY, Leased, Shelf};

async fn shelf() -> Arc<Shelf<Sqlite>> {
    let pool = SqlitePoolOptions::new().max_connections(2).connect("sqlite::memory:").await;
    Shelf::of_own(pool.unwrap())
}

fn locked(shelf: &Shelf<Sqlite>) -> MutexGuard<'_, Vec<Away<Sqlite>>> {
    shelf.at_hand.as_ref().unwrap().locked()
}

fn permits(shelf: &Shelf<Sqlite>) -> usize {
    shelf.at_hand.as_ref().unwrap().permits.available_permits()
}

fn at_hand(shelf: &Shelf<Sqlite>) -> usize {
    locked(shelf).len()
}

/// Waits until as many are idle in the pool as there should be.
async fn idle(shelf: &Shelf<Sqlite>, expected: usize) {
    while shelf.pool.num_idle() != expected {
        yield_now().await;
    }
}

fn make_older(leased: &mut Leased<Sqlite>, by: Duration) {
    let away = leased.away.as_mut().unwrap();
    away.since = away.since.checked_sub(by).unwrap();
}

#[tokio::test]
async fn a_connection_that_was_in_use_briefly_is_the_next_one_to_be_lent() {
    let shelf = shelf().await;
    for _ in 0..3 {
        drop(shelf.lend().await.unwrap());
        assert_eq!((at_hand(&shelf), shelf.pool.num_idle(), shelf.pool.size()), (1, 0, 1));
    }
}

#[tokio::test]
async fn it_goes_back_when_it_was_away_or_in_use_for_long() {
    let shelf = shelf().await;
    let mut leased = shelf.lend().await.unwrap();
    make_older(&mut leased, AT_HAND_FOR);
    drop(leased);
    idle(&shelf, 1).await;

    let mut leased = shelf.lend().await.unwrap();
    leased.at = leased.at.checked_sub(BRIEFLY).unwrap();
    drop(leased);
    idle(&shelf, 1).await;
    assert_eq!(at_hand(&shelf), 0);
}

#[tokio::test]
async fn one_that_lay_at_hand_for_long_is_not_lent_and_not_forgotten() {
    let shelf = shelf().await;
    let (below, above) = (shelf.lend().await.unwrap(), shelf.lend().await.unwrap());
    drop((below, above));
    assert_eq!(at_hand(&shelf), 2);
    let make_first_stale = || {
        let mut connections = locked(&shelf);
        let first = connections.first_mut().unwrap();
        first.since = first.since.checked_sub(AT_HAND_FOR).unwrap();
    };
    // Whoever gives one back finds it,
    let leased = shelf.lend().await.unwrap();
    make_first_stale();
    drop(leased);
    idle(&shelf, 1).await;
    assert_eq!(at_hand(&shelf), 1);
    // and so does whoever looks for one.
    make_first_stale();
    drop(shelf.lend().await.unwrap());
    idle(&shelf, 1).await;
    assert_eq!((at_hand(&shelf), shelf.pool.size()), (1, 2));
}

#[tokio::test]
async fn whoever_waits_gets_the_connection_of_whoever_is_done() {
    let shelf = shelf().await;
    let (one, _other) = (shelf.lend().await.unwrap(), shelf.lend().await.unwrap());
    let mut waiting = pin!(shelf.lend());
    assert!(timeout(Duration::ZERO, waiting.as_mut()).await.is_err());
    drop(one);
    drop(waiting.await.unwrap());
    assert_eq!((at_hand(&shelf), permits(&shelf), shelf.pool.num_idle()), (1, 1, 0));
}

#[tokio::test]
async fn whoever_gives_up_waiting_takes_nothing_along() {
    let shelf = shelf().await;
    let all = (shelf.lend().await.unwrap(), shelf.lend().await.unwrap());
    assert!(timeout(Duration::ZERO, shelf.lend()).await.is_err());
    drop(all);
    assert_eq!((at_hand(&shelf), permits(&shelf)), (2, 2));
}

#[tokio::test]
async fn a_permit_is_kept_as_long_as_the_connection() {
    let shelf = shelf().await;
    let (connection, permit) = shelf.lend().await.unwrap().into_pooled();
    assert_eq!(permits(&shelf), 1);
    drop(connection);
    drop(permit);
    assert_eq!(permits(&shelf), 2);
    idle(&shelf, 1).await;
}

#[tokio::test]
async fn a_closed_shelf_lends_nothing_and_keeps_nothing() {
    let shelf = shelf().await;
    let (one, other) = (shelf.lend().await.unwrap(), shelf.lend().await.unwrap());
    drop(other);
    let mut closing = pin!(shelf.close());
    assert!(timeout(Duration::ZERO, closing.as_mut()).await.is_err());
    assert!(shelf.lend().await.is_err());
    drop(one);
    closing.await;
    assert_eq!((at_hand(&shelf), shelf.pool.size()), (0, 0));
}

#[tokio::test]
async fn of_a_shared_pool_nothing_stays_at_hand() {
    let pool =
        SqlitePoolOptions::new().max_connections(1).connect("sqlite::memory:").await.unwrap();
    let shelf = Shelf::of_shared(pool);
    drop(shelf.lend().await.unwrap());
    idle(&shelf, 1).await;
}
