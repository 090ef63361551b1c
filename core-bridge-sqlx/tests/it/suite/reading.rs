//! Reads outside of a process: their connections are at hand for the next one, and kept from nobody.

use std::time::Duration;

use dullahan_core::{Context, unit_of_work::UnitOfWorkProvider};
use tokio::{task::JoinSet, time::timeout};

use super::{Database, Store, TEN_SECONDS};

async fn read(store: &Store) {
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    let one = sqlx::query("SELECT 1").execute(&mut *connection).await;
    one.unwrap();
    connection.done();
}

/// Many more of both at once than there are connections: whoever waits gets one from whoever is done.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn readers_and_writers_beyond_the_connections_all_have_their_turn() {
    let database = Database::new().await;
    let store = database.open().await;
    let mut tasks = JoinSet::new();
    for task in 0..120 {
        let store = store.clone();
        tasks.spawn(async move {
            for turn in 0..20 {
                if (task + turn) % 6 == 0 {
                    store.begin().await.unwrap().commit().await.unwrap();
                } else {
                    read(&store).await;
                }
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done.unwrap();
    }
}

/// A statement that is cancelled goes on in the database; its connection is lent to no other reader meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn core_04_a_cancelled_statement_keeps_no_other_reader_waiting() {
    let database = Database::new().await;
    let store = database.open().await;
    read(&store).await;
    let cancelled = async {
        let context = Context::new();
        let mut connection = store.read(&context).await.unwrap();
        sqlx::query(TEN_SECONDS).execute(&mut *connection).await.map(drop)
    };
    assert!(timeout(Duration::from_millis(5), cancelled).await.is_err());
    let next = async {
        for _ in 0..20 {
            read(&store).await;
        }
    };
    assert!(timeout(Duration::from_secs(4), next).await.is_ok(), "waited for the cancelled one");
}

#[tokio::test]
async fn a_store_that_was_read_from_closes() {
    let database = Database::new().await;
    let store = database.open().await;
    read(&store).await;
    store.close().await;
    assert!(store.read(&Context::new()).await.is_err());
}

#[test]
fn a_store_that_was_read_from_outlives_its_runtime() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let (store, _database) = runtime.block_on(async {
        let database = Database::new().await;
        let store = database.open().await;
        read(&store).await;
        (store, database)
    });
    drop(runtime);
    drop(store);
}
