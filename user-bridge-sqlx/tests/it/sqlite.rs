//! In SQLite.

mod at_rest;
mod schema;

use dullahan_core_bridge_sqlx::SqliteStore;
use dullahan_user::testing::Stores;
use dullahan_user_bridge_sqlx::{migrate, module};
use tempfile::TempDir;

/// Empty stores in a file that nobody else uses.
async fn stores() -> Stores {
    let folder = tempfile::tempdir().unwrap();
    let store = open(&folder).await;
    migrate(&store).await.unwrap();
    Stores::new(module(store)).unwrap().keeping(folder)
}

async fn open(folder: &TempDir) -> SqliteStore {
    let url = format!("sqlite://{}/users.sqlite", folder.path().display());
    SqliteStore::open(&url).await.unwrap()
}

dullahan_user::test_stores!(
    #[tokio::test]
    stores()
);
