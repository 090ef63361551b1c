//! SIGTERM: what was begun is brought to its end.

use serde_json::json;

use crate::{
    client::{PASSWORD, Send as _},
    home::Home,
    raw::Raw,
};

#[tokio::test]
async fn sigterm_under_load_loses_no_answer_that_was_begun() {
    let home = Home::new();
    let server = home.start();
    let mut begun = Vec::new();
    for i in 0..16 {
        let body = json!({
            "email": format!("user-{i}@example.org"), "password": PASSWORD, "extra": { "horse_legs": "four" }
        })
        .to_string();
        let head = format!(
            "POST /auth/registration HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nExpect: 100-continue\r\n\r\n",
            body.len()
        );
        let mut raw = Raw::connect(&server).await;
        raw.write(head.as_bytes()).await;
        begun.push((raw, body));
    }
    for (raw, _) in &mut begun {
        assert_eq!(raw.head().await.0, 100, "it asks for the body, so the answer is begun");
    }
    server.ask_to_stop();
    for (raw, body) in &mut begun {
        raw.write(body.as_bytes()).await;
    }
    for (raw, _) in &mut begun {
        let (status, head) = raw.head().await;
        assert_eq!(status, 202, "{head}");
    }
    drop(begun);
    assert!(server.wait().await.success());
    assert_eq!(home.number("SELECT count(*) FROM dullahan_users").await, 16);
    assert_eq!(home.number("SELECT count(*) FROM dullahan_owed_mails").await, 16);
    assert_eq!(home.log(), "");

    let _server = home.start();
    home.let_mails_become_due().await;
    home.wait_until_all_mails_are_sent().await;
    for i in 0..16 {
        home.mailbox().wait_for_token(&format!("user-{i}@example.org")).await;
    }
}

#[tokio::test]
async fn a_connection_without_a_request_does_not_keep_it_from_stopping() {
    let home = Home::new();
    let server = home.start();
    let mut silent = Raw::connect(&server).await;
    let mut idle = Raw::connect(&server).await;
    idle.write(b"HEAD /account HTTP/1.1\r\nHost: localhost\r\n\r\n").await;
    assert_eq!(idle.head().await.0, 401);
    server.client().get("/account").answer().await.problem(401, "unauthenticated");
    server.ask_to_stop();
    assert!(server.wait().await.success());
    assert!(silent.is_at_its_end().await && idle.is_at_its_end().await);
}
