//! The bridge answers what the contract does, request by request.

use dullahan_core_bridge_sqlx::SqliteStore;
use dullahan_user::testing::parity::{Stage, Transcript};

use crate::{server::Server, support::mount::Mount};

async fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("users.sqlite").display());
    let store = SqliteStore::open(&url).await.unwrap();
    dullahan_user_bridge_sqlx::migrate(&store).await.unwrap();
    Stage::new(dullahan_user_bridge_sqlx::module(store)).unwrap().keeping(folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_bridge_answers_every_request_of_the_table_as_the_function_does() {
    let expected = Transcript::of_function(&stage().await).await;
    assert!(expected.len() > 4000, "only {} requests", expected.len());
    assert_eq!(expected.count(500..600), 0);
    for mount in [Mount::Merged, Mount::Nested] {
        let stage = stage().await;
        let (_server, address) = Server::start(stage.users().clone(), mount, None).await;
        let found = Transcript::over_socket(&stage, address, mount.prefix()).await;
        found.assert_same(&expected);
    }
}
