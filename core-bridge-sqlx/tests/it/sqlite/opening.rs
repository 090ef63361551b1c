//! How a file and a database in memory are opened.

use std::{pin::pin, time::Duration};

use dullahan_core::Context;
use sqlx::{ConnectOptions as _, Row as _, sqlite::SqliteConnectOptions};

use super::{
    Database, Store,
    suite::play::{Stage, Step::*, TABLES},
};

async fn pragma(store: &Store, name: &'static str) -> String {
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    let select = sqlx::AssertSqlSafe(format!("PRAGMA {name}"));
    let row = sqlx::query(select).fetch_one(&mut *connection).await.unwrap();
    row.try_get_unchecked::<String, _>(0).unwrap()
}

#[tokio::test]
async fn a_file_is_opened_for_many_readers_a_writer_and_the_loss_of_power() {
    let database = Database::new().await;
    let store = database.open().await;
    assert_eq!(pragma(&store, "journal_mode").await, "wal");
    assert_eq!(pragma(&store, "synchronous").await, "2");
    assert_eq!(pragma(&store, "foreign_keys").await, "1");
    assert_eq!(pragma(&store, "mmap_size").await, (1 << 30).to_string());
    assert_eq!(pragma(&store, "query_only").await, "1");
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_and_what_lies_beside_it_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    stage.play([Add("a")]).await.unwrap();
    let mut files = 0;
    for file in std::fs::read_dir(database.folder.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode, 0o600, "{:?}", file.file_name());
        files += 1;
    }
    assert_eq!(files, 3, "the database, its log and the log's index");
}

#[tokio::test]
async fn a_file_that_has_to_be_there_is_not_created() {
    let database = Database::new().await;
    let url = format!("{}?mode=rw", database.url());
    let error = Store::open(&url).await.unwrap_err();
    assert!(error.to_string().contains("unable to open database file"), "{error}");
    assert_eq!(std::fs::read_dir(database.folder.path()).unwrap().count(), 0);

    database.open().await.close().await;
    Store::open(&url).await.unwrap();
}

#[tokio::test]
async fn a_file_that_is_no_database_is_refused() {
    let database = Database::new().await;
    std::fs::write(database.folder.path().join("test.sqlite"), "not a database".repeat(100))
        .unwrap();
    let error = Store::open(&database.url()).await.unwrap_err();
    assert!(error.to_string().contains("not a database"), "{error}");
}

#[tokio::test]
async fn a_file_that_somebody_writes_to_while_it_is_opened_is_waited_for() {
    let database = Database::new().await;
    let mut other = SqliteConnectOptions::new()
        .filename(database.folder.path().join("test.sqlite"))
        .create_if_missing(true)
        .connect()
        .await
        .unwrap();
    // Not in a write-ahead log, to which SQLite does not switch as long as somebody writes.
    sqlx::raw_sql("BEGIN IMMEDIATE").execute(&mut other).await.unwrap();
    let mut opening = pin!(database.open());
    let opened = tokio::time::timeout(Duration::from_millis(100), &mut opening).await;
    assert!(opened.is_err());
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    assert_eq!(pragma(&opening.await, "journal_mode").await, "wal");
}

#[tokio::test]
async fn a_database_in_memory_is_the_same_for_all_clones_and_another_for_each_open() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    store.migrate("test", &[TABLES]).await.unwrap();
    let stage = Stage::over(store.clone());
    stage.play([Add("a"), Alone(vec![Add("a")]), Read("a")]).await.unwrap();
    assert_eq!(stage.committed("a").await, 2);

    let other = Store::open("sqlite::memory:").await.unwrap();
    other.migrate("test", &[TABLES]).await.unwrap();
    assert_eq!(Stage::over(other).committed("a").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn processes_and_reads_at_once_get_along_in_memory() {
    let store = Store::open("sqlite::memory:").await.unwrap();
    store.migrate("test", &[TABLES]).await.unwrap();
    let stage = Stage::over(store);
    let tasks: Vec<_> = (0..50)
        .map(|_| {
            let stage = stage.clone();
            tokio::spawn(async move {
                stage.play([Add("a")]).await.unwrap();
                assert!(stage.committed("a").await > 0);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(stage.committed("a").await, 50);
}
