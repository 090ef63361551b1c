//! In PostgreSQL.

mod at_rest;
mod locked;
#[path = "../../../core-bridge-sqlx/tests/it/postgres/server.rs"]
mod server;

use dullahan_core_bridge_sqlx::{Migration, PostgresStore as Store};
use dullahan_user::testing::Stores;
use dullahan_user_bridge_sqlx::{migrate, module};
use sqlx::{
    Connection as _, PgConnection as Connection, Postgres,
    postgres::{PgArguments, PgRow as Row},
};
use time::{Duration, OffsetDateTime, macros::datetime};

/// As others claim at the same time.
macro_rules! locked {
    () => {
        "FOR UPDATE SKIP LOCKED"
    };
}

/// A database without tables.
async fn empty() -> (Store, Kept) {
    (Store::open(&server::create_database().await).await.unwrap(), ())
}

/// A database that nobody else uses, with the tables.
async fn migrated() -> Store {
    let store = Store::open(&server::create_database().await).await.unwrap();
    migrate(&store).await.unwrap();
    store
}

/// Empty stores in such a database.
async fn stores() -> Stores {
    Stores::new(module(migrated().await)).unwrap()
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

type Query<'q> = sqlx::query::Query<'q, Postgres, PgArguments>;

/// Nothing has to be kept for a database to be there.
type Kept = ();

/// So many seconds after some moment, as it is stored.
fn at(seconds: i64) -> OffsetDateTime {
    datetime!(2026-01-01 0:00 UTC) + Duration::seconds(seconds)
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
    Migration::new(1, "users", include_str!("../../migrations/postgres/0001_users.sql"));
const ACCOUNTS: Migration =
    Migration::new(2, "accounts", include_str!("../../migrations/postgres/0002_accounts.sql"));

async fn older(migrations: &'static [Migration]) -> (Connection, Store, Kept) {
    let url = server::create_database().await;
    let store = Store::open(&url).await.unwrap();
    store.migrate("dullahan_user", migrations).await.unwrap();
    (Connection::connect(&url).await.unwrap(), store, ())
}
