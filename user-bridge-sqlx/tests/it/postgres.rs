//! In PostgreSQL.

mod at_rest;
#[path = "../../../core-bridge-sqlx/tests/it/postgres/server.rs"]
mod server;

use dullahan_core_bridge_sqlx::PostgresStore;
use dullahan_user::testing::Stores;
use dullahan_user_bridge_sqlx::{migrate, module};

/// A database that nobody else uses, with the tables.
async fn migrated() -> PostgresStore {
    let store = PostgresStore::open(&server::create_database().await).await.unwrap();
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
