//! In SQLite.

mod at_rest;
mod schema;

use dullahan_core_bridge_sqlx::{Migration, SqliteStore as Store};
use dullahan_user::testing::Stores;
use dullahan_user_bridge_sqlx::{migrate, module};
use sqlx::{
    ConnectOptions as _, Sqlite, SqliteConnection as Connection,
    sqlite::{SqliteArguments, SqliteConnectOptions, SqliteRow as Row},
};
use tempfile::{TempDir, TempDir as Kept};

/// Writers take turns.
macro_rules! locked {
    () => {
        ""
    };
}

/// Empty stores in a file that nobody else uses.
async fn stores() -> Stores {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    migrate(&store).await.unwrap();
    Stores::new(module(store)).unwrap().keeping(folder)
}

/// A database without tables.
async fn empty() -> (Store, Kept) {
    let folder = tempfile::tempdir().unwrap();
    (open(&folder).await, folder)
}

async fn open(folder: &TempDir) -> Store {
    let url = format!("sqlite://{}/users.sqlite", folder.path().display());
    Store::open(&url).await.unwrap()
}

dullahan_user::test_stores!(
    #[tokio::test]
    stores()
);

#[path = "unmigrated.rs"]
mod unmigrated;
#[path = "unreadable.rs"]
mod unreadable;
#[path = "version_1.rs"]
mod version_1;
#[path = "version_2.rs"]
mod version_2;

type Query<'q> = sqlx::query::Query<'q, Sqlite, SqliteArguments>;

/// So many seconds after some moment, as it is stored.
fn at(seconds: i64) -> i64 {
    1_767_225_600_000 + 1000 * seconds
}

/// A store with the tables of version 1, and a connection of another program.
async fn version_1() -> (Connection, Store, Kept) {
    older(&[USERS]).await
}

/// The same with the tables of version 2.
async fn version_2() -> (Connection, Store, Kept) {
    older(&[USERS, ACCOUNTS]).await
}

const USERS: Migration =
    Migration::new(1, "users", include_str!("../../migrations/sqlite/0001_users.sql"));
const ACCOUNTS: Migration =
    Migration::new(2, "accounts", include_str!("../../migrations/sqlite/0002_accounts.sql"));

async fn older(migrations: &'static [Migration]) -> (Connection, Store, Kept) {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    store.migrate("dullahan_user", migrations).await.unwrap();
    let file = folder.path().join("users.sqlite");
    let options = SqliteConnectOptions::new().filename(file).foreign_keys(true);
    (options.connect().await.unwrap(), store, folder)
}
