//! Migrations, at the start of one program or of many.

use dullahan_core::Context;
use dullahan_core_bridge_sqlx::Migration;

use super::{Database, Store, play::Stage};

const FIRST: Migration = Migration::new(1, "first", "CREATE TABLE first (id BIGINT);");
const SECOND: Migration = Migration::new(
    2,
    "second",
    "CREATE TABLE second (id BIGINT);\nCREATE INDEX second_by_id ON second (id);",
);

async fn applied(store: &Store) -> Vec<(String, i64)> {
    let context = Context::new();
    let mut connection = store.read(&context).await.unwrap();
    let select = "SELECT component, version FROM dullahan_migrations ORDER BY component, version";
    sqlx::query_as(select).fetch_all(&mut *connection).await.unwrap()
}

fn expected(applied: &[(&str, i64)]) -> Vec<(String, i64)> {
    applied.iter().map(|(component, version)| ((*component).to_owned(), *version)).collect()
}

#[tokio::test]
async fn migrations_are_applied_once_and_a_later_version_adds_its_own() {
    let database = Database::new().await;
    let store = database.open().await;
    store.migrate("one", &[FIRST]).await.unwrap();
    store.migrate("one", &[FIRST]).await.unwrap();
    store.migrate("one", &[FIRST, SECOND]).await.unwrap();
    assert_eq!(applied(&store).await, expected(&[("one", 1), ("one", 2)]));
}

#[tokio::test]
async fn new_03_tables_that_were_never_migrated_are_found_without_a_change() {
    let database = Database::new().await;
    let store = database.open().await;
    assert!(!store.is_migrated("one"));
    let error = store.check_migrated("one", &[FIRST, SECOND]).await.unwrap_err().to_string();
    assert!(error.contains("the tables of `one` are missing"), "{error}");
    assert!(error.contains("1 `first`, 2 `second`"), "{error}");

    store.migrate("one", &[FIRST]).await.unwrap();
    assert!(store.is_migrated("one") && !store.is_migrated("two"));

    let newer = database.open().await;
    let error = newer.check_migrated("one", &[FIRST, SECOND]).await.unwrap_err().to_string();
    assert!(error.contains("lacks the migrations 2 `second`"), "{error}");
    assert!(newer.check_migrated("two", &[FIRST]).await.is_err());
    let changed = Migration::new(1, "first", "CREATE TABLE first (id BIGINT, name TEXT);");
    let error = newer.check_migrated("one", &[changed]).await.unwrap_err().to_string();
    assert!(error.contains("was changed"), "{error}");
    assert!(!newer.is_migrated("one"));
    newer.check_migrated("one", &[FIRST]).await.unwrap();
    assert!(newer.is_migrated("one") && newer.clone().is_migrated("one"));
    assert_eq!(applied(&store).await, expected(&[("one", 1)]), "nothing was changed");
}

#[tokio::test]
async fn components_do_not_know_of_each_other() {
    let database = Database::new().await;
    let store = database.open().await;
    store.migrate("one", &[FIRST]).await.unwrap();
    store
        .migrate("two", &[Migration::new(1, "second", "CREATE TABLE second (id BIGINT)")])
        .await
        .unwrap();
    assert_eq!(applied(&store).await, expected(&[("one", 1), ("two", 1)]));
}

#[tokio::test]
async fn an_older_program_starts_beside_a_newer_one() {
    let database = Database::new().await;
    let newer = database.open().await;
    newer.migrate("one", &[FIRST, SECOND]).await.unwrap();
    let older = database.open().await;
    older.migrate("one", &[FIRST]).await.unwrap();
    assert_eq!(applied(&older).await, expected(&[("one", 1), ("one", 2)]));
}

#[tokio::test]
async fn a_migration_that_was_changed_is_told_and_nothing_is_applied() {
    let database = Database::new().await;
    let store = database.open().await;
    store.migrate("one", &[FIRST]).await.unwrap();
    let changed = Migration::new(1, "first", "CREATE TABLE first (id BIGINT, name TEXT);");
    let error = store.migrate("one", &[changed, SECOND]).await.unwrap_err().to_string();
    assert!(error.contains("migration 1 `first` of `one` was changed"), "{error}");
    assert_eq!(applied(&store).await, expected(&[("one", 1)]));
    // The line ends of another machine are no change.
    let first = Migration::new(1, "first", "CREATE TABLE first (id BIGINT);");
    let second = Migration::new(
        2,
        "second",
        "CREATE TABLE second (id BIGINT);\r\nCREATE INDEX second_by_id ON second (id);",
    );
    store.migrate("one", &[first, second]).await.unwrap();
    store.migrate("one", &[FIRST, SECOND]).await.unwrap();
}

#[tokio::test]
async fn a_migration_that_fails_undoes_those_before_it() {
    let database = Database::new().await;
    let store = database.open().await;
    let broken = Migration::new(2, "broken", "CREATE TABLE more (id BIGINT); CREATE NONSENSE");
    let error = store.migrate("one", &[FIRST, broken]).await.unwrap_err().to_string();
    assert!(error.contains("migration 2 `broken` of `one` failed"), "{error}");
    store.migrate("one", &[FIRST, SECOND]).await.unwrap();
    assert_eq!(applied(&store).await, expected(&[("one", 1), ("one", 2)]));
}

#[tokio::test(flavor = "multi_thread")]
async fn programs_that_start_at_once_migrate_once() {
    let database = Database::new().await;
    let starting: Vec<_> = (0..8)
        .map(|_| {
            let database = database.clone();
            tokio::spawn(async move {
                let store = database.open().await;
                store.migrate("one", &[FIRST, SECOND]).await.map(|()| store)
            })
        })
        .collect();
    for started in starting {
        let store = started.await.unwrap().unwrap();
        assert_eq!(applied(&store).await, expected(&[("one", 1), ("one", 2)]));
    }
}

#[tokio::test]
async fn a_migration_does_not_disturb_a_program_that_runs() {
    let database = Database::new().await;
    let running = Stage::in_new(&database).await;
    running.play([super::play::Step::Add("a")]).await.unwrap();
    let starting = database.open().await;
    let more = Migration::new(2, "more", "ALTER TABLE counters ADD COLUMN unit TEXT");
    starting.migrate("test", &[super::play::TABLES, more]).await.unwrap();
    running.play([super::play::Step::Add("a")]).await.unwrap();
    assert_eq!(running.committed("a").await, 2);
}
