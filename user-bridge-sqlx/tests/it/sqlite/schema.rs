//! The tables.

use dullahan_core::Context;
use dullahan_core_bridge_sqlx::SqliteStore;
use dullahan_user::testing::Stores;
use dullahan_user_bridge_sqlx::{migrate, module};
use tempfile::TempDir;

use super::open;
use crate::known::{OF_A_USER, TABLES, store_one_of_each};

async fn counts(store: &SqliteStore, tables: &[&str]) -> Vec<i64> {
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    let mut counts = Vec::new();
    for table in tables {
        let count = sqlx::AssertSqlSafe(format!("SELECT count(*) FROM {table}"));
        counts.push(sqlx::query_scalar(count).fetch_one(&mut *connection).await.unwrap());
    }
    counts
}

async fn migrated(folder: &TempDir) -> SqliteStore {
    let store = open(folder).await;
    migrate(&store).await.unwrap();
    store
}

#[tokio::test]
async fn log_07_a_new_database_has_no_user() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(counts(&migrated(&folder).await, &TABLES).await, [0; 7]);
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_may_start_at_once_and_again() {
    let folder = std::sync::Arc::new(tempfile::tempdir().unwrap());
    let starting: Vec<_> = (0..8)
        .map(|_| {
            let folder = std::sync::Arc::clone(&folder);
            tokio::spawn(async move { counts(&migrated(&folder).await, &TABLES).await })
        })
        .collect();
    for started in starting {
        assert_eq!(started.await.unwrap(), [0; 7]);
    }
}

#[tokio::test]
async fn what_belongs_to_a_user_goes_with_the_user() {
    let folder = tempfile::tempdir().unwrap();
    let store = migrated(&folder).await;
    store_one_of_each(&Stores::new(module(store.clone())).unwrap()).await;
    assert_eq!(counts(&store, &TABLES).await, [1; 7]);
    let url = format!("sqlite://{}/users.sqlite", folder.path().display());
    let pool = sqlx::SqlitePool::connect(&url).await.unwrap();
    sqlx::query("DELETE FROM dullahan_users").execute(&pool).await.unwrap();
    assert_eq!(counts(&store, &OF_A_USER).await, [0; 5]);
}
