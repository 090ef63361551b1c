//! SIGTERM: what was begun is brought to its end.

use serde_json::json;

use std::time::{Duration, Instant};

use crate::{
    client::{PASSWORD, Send as _},
    home::Home,
    raw::Raw,
    server::Server,
};

/// Much less than requests that were begun may take, and much more than a busy machine needs.
const SOON: Duration = Duration::from_secs(8);

/// A request whose body the server has asked for and waits for.
async fn begun(server: &Server) -> Raw {
    let mut raw = Raw::connect(server).await;
    raw.write(
        b"POST /auth/login HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
          Content-Length: 100\r\nExpect: 100-continue\r\n\r\n",
    )
    .await;
    assert_eq!(raw.head().await.0, 100);
    raw
}

#[tokio::test]
async fn http_01_half_a_head_does_not_keep_it_from_stopping() {
    let home = Home::new();
    let server = home.start();
    let mut half = Raw::connect(&server).await;
    half.write(b"GET /acc").await;
    server.client().get("/account").answer().await.problem(401, "unauthenticated");
    let asked = Instant::now();
    server.ask_to_stop();
    assert!(server.wait().await.success());
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    assert!(half.is_at_its_end().await);
}

#[tokio::test]
async fn ops_04_a_second_signal_ends_at_once() {
    let home = Home::new();
    let server = home.start();
    let mut waiting = begun(&server).await;
    let asked = Instant::now();
    server.ask_to_stop();
    // It takes no more connections once it has seen the first one.
    crate::home::eventually("it stops", async || {
        tokio::net::TcpStream::connect(server.socket_address()).await.err()
    })
    .await;
    server.ask_to_stop();
    assert!(server.wait().await.success());
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    assert!(waiting.is_at_its_end().await);
    assert!(home.log().contains("second signal"), "{}", home.log());
}

#[tokio::test]
async fn http_03_idle_connections_do_not_use_up_the_files() {
    let home = Home::new();
    let server = Server::start_with_files(&home, 128);
    let mut idle = Vec::new();
    for i in 0..200 {
        let mut connection = Raw::connect(&server).await;
        if i % 2 == 0 {
            connection.write(b"GET /acc").await;
        }
        idle.push(connection);
    }
    let asked = Instant::now();
    server.client().get("/account").answer().await.problem(401, "unauthenticated");
    assert!(asked.elapsed() < SOON, "{:?}", asked.elapsed());
    assert!(home.log().contains("ulimit -n"), "{}", home.log());
    drop(idle);
    server.client().register("ada@example.org").answer().await.expect(202);
}

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
    let mails = "SELECT (SELECT count(*) FROM dullahan_owed_mails) + \
                 (SELECT count(*) FROM dullahan_mail_requests)";
    assert_eq!(home.number(mails).await, 16, "each is asked for or queued");
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
