//! A program whose database was never migrated, or only by an older program.

use dullahan_core::{Core, defect::Defect};
use dullahan_user::testing::Stores;
use dullahan_user_bridge_sqlx::{check_migrated, migrate, module};

use super::{empty, version_2};

#[tokio::test]
async fn new_03_a_store_that_was_never_migrated_does_not_build() {
    let (store, _kept) = empty().await;
    let error = Core::builder().module(module(store.clone())).build().unwrap_err();
    let [Defect::Reported { module: "dullahan_user_bridge_sqlx", problem, .. }] = error.defects()
    else {
        panic!("{error}")
    };
    assert!(problem.contains("dullahan_user_bridge_sqlx::migrate(&store).await?"), "{problem}");

    let error = check_migrated(&store).await.unwrap_err().to_string();
    assert!(error.contains("1 `users`, 2 `accounts`, 3 `roles`"), "{error}");
    assert!(Core::builder().module(module(store.clone())).build().is_err());

    migrate(&store).await.unwrap();
    check_migrated(&store).await.unwrap();
    Stores::new(module(store)).unwrap();
}

#[tokio::test]
async fn new_03_tables_of_an_older_program_are_told() {
    let (_other, store, _kept) = version_2().await;
    let error = check_migrated(&store).await.unwrap_err().to_string();
    assert!(error.contains("lacks the migrations 3 `roles`"), "{error}");
}
