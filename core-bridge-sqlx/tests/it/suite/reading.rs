//! Reads outside of a process: their connections are at hand for the next one, and kept from nobody.

use std::time::Duration;

use dullahan_core::{Context, UnitOfWorkProvider};
use tokio::{task::JoinSet, time::timeout};

use super::{Database, Store};

async fn read(store: &Store) {
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    let one = sqlx::query("SELECT 1").execute(&mut *connection).await;
    one.unwrap();
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

#[tokio::test]
async fn a_read_that_was_given_up_is_in_nobodys_way() {
    let database = Database::new().await;
    let store = database.open().await;
    let slow = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3000000) SELECT max(i) FROM n";
    for _ in 0..20 {
        let given_up = async {
            let context = Context::new();
            let mut connection = store.read(&context).await.unwrap();
            sqlx::query(slow).execute(&mut *connection).await.map(drop)
        };
        assert!(timeout(Duration::from_millis(25), given_up).await.is_err());
        read(&store).await;
    }
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
