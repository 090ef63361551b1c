//! Under plain hyper.

use std::future::pending;

use dullahan_core_bridge_sqlx::SqliteStore;
use dullahan_user::testing::parity::{Stage, Transcript};
use function::serve;
use tokio::net::TcpListener;

async fn stage() -> Stage {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}", folder.path().join("users.sqlite").display());
    let store = SqliteStore::open(&url).await.unwrap();
    dullahan_user_bridge_sqlx::migrate(&store).await.unwrap();
    Stage::new(dullahan_user_bridge_sqlx::module(store)).unwrap().keeping(folder)
}

#[tokio::test(flavor = "multi_thread")]
async fn hyper_answers_every_request_of_the_table_as_the_function_does() {
    let expected = Transcript::of_function(&stage().await).await;
    let stage = stage().await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let server = tokio::spawn(serve(listener, stage.users().clone(), pending()));
    Transcript::over_socket(&stage, address, "").await.assert_same(&expected);
    server.abort();
}
