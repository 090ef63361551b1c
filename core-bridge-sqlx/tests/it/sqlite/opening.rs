//! How a file and a database in memory are opened.

use std::{pin::pin, time::Duration};

use dullahan_core::Context;
use dullahan_core_bridge_sqlx::SqliteSettings;
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

/// A disk that fails below a mapping ends the process, so that is for the application to choose.
#[tokio::test]
async fn core_09_a_file_is_mapped_only_if_the_application_says_so() {
    let database = Database::new().await;
    let store = database.open().await;
    assert_eq!(pragma(&store, "mmap_size").await, "0");
    let settings = SqliteSettings { mapped_bytes: 1 << 30, ..SqliteSettings::default() };
    let mapped = Store::open_with(&database.url(), &settings).await.unwrap();
    assert_eq!(pragma(&mapped, "mmap_size").await, (1 << 30).to_string());
}

#[tokio::test]
async fn ops_06_a_lock_of_another_program_is_waited_for_as_long_as_is_set() {
    let database = Database::new().await;
    assert_eq!(pragma(&database.open().await, "busy_timeout").await, "10000");
    let settings =
        SqliteSettings { lock_timeout: Duration::from_millis(50), ..SqliteSettings::default() };
    let store = Store::open_with(&database.url(), &settings).await.unwrap();
    assert_eq!(pragma(&store, "busy_timeout").await, "50");
}

async fn refusal(url: &str) -> String {
    let error = Store::open(url).await.unwrap_err();
    // What a `main` that returns it prints is the same.
    assert_eq!(format!("{error:?}"), error.to_string());
    error.to_string()
}

#[tokio::test]
async fn pub_03_the_mode_of_an_address_says_whether_the_file_is_created_and_written() {
    let database = Database::new().await;
    let url = |mode: &str| format!("{}?mode={mode}", database.url());
    for mode in ["rw", "ro"] {
        let said = refusal(&url(mode)).await;
        assert!(said.contains("test.sqlite` cannot be opened: it does not exist"), "{said}");
        assert!(said.contains("`?mode=rwc`"), "{said}");
    }
    assert_eq!(std::fs::read_dir(database.folder.path()).unwrap().count(), 0);

    let created = Store::open(&url("rwc")).await.unwrap();
    created.migrate("test", &[TABLES]).await.unwrap();
    Stage::over(created).play([Add("a")]).await.unwrap();
    let opened = Stage::over(Store::open(&url("rw")).await.unwrap());
    opened.play([Add("a")]).await.unwrap();
    let only_reads = Stage::over(Store::open(&url("ro")).await.unwrap());
    assert_eq!(only_reads.committed("a").await, 2);
    let error = only_reads.play([Add("a")]).await.unwrap_err().to_string();
    assert!(error.contains("readonly"), "{error}");

    let said = refusal(&url("r")).await;
    assert!(said.contains("unknown value") && said.contains("mode"), "{said}");
    // A path is no parameter.
    let path = database.folder.path().join("mode=rw");
    std::fs::create_dir(&path).unwrap();
    Store::open(&format!("sqlite://{}/mode=memory.sqlite", path.display())).await.unwrap();
    assert!(path.join("mode=memory.sqlite").exists());
}

#[tokio::test]
async fn new_01_a_file_that_cannot_be_opened_is_named_with_the_reason_and_what_to_do() {
    let database = Database::new().await;
    let folder = database.folder.path().display();
    for address in ["mysql://ada:canary@host/users", "postgres://ada:canary@host/users"] {
        let said = refusal(address).await;
        let scheme = address.split(':').next().unwrap();
        assert!(said.contains(&format!("begins with `{scheme}:`")), "{said}");
        assert!(said.contains("sqlite:users.sqlite") && !said.contains("canary"), "{said}");
        assert!(!std::path::Path::new(address).exists());
    }
    let said = refusal(&format!("sqlite:{folder}/no/users.sqlite")).await;
    assert_eq!(
        said,
        format!(
            "the SQLite file `{folder}/no/users.sqlite` cannot be opened: the folder `{folder}/no` does not exist; \
             create it"
        )
    );
    let said = refusal(&format!("sqlite:{folder}")).await;
    assert!(said.contains("it is a folder"), "{said}");
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
