//! Expired rows are deleted by the program itself: PUB-28.

use crate::{
    client::Send as _,
    home::{Home, eventually},
};

#[tokio::test]
async fn pub_28_expired_rows_are_deleted_at_the_start() {
    delete_at_the_start(Home::new()).await;
}

#[tokio::test]
async fn pub_28_expired_rows_are_deleted_at_the_start_on_postgres() {
    delete_at_the_start(Home::on_server().await).await;
}

async fn delete_at_the_start(home: Home) {
    let server = home.start();
    for email in ["ada@example.org", "bob@example.org"] {
        server.client().register(email).answer().await.expect(202);
    }
    home.wait_until_all_mails_are_sent().await;
    server.kill();
    home.let_registration_of_bob_grow_old().await;
    let _server = home.start();
    eventually("the registration is deleted", async || {
        let left = home.texts("SELECT email FROM dullahan_users").await;
        (left == ["ada@example.org"]).then_some(())
    })
    .await;
    assert_eq!(home.log(), "");
}
