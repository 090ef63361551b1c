//! From the registration to the logout.

use serde_json::json;

use crate::{
    client::{PASSWORD, Send as _},
    home::Home,
};

const ADA: &str = "ada@example.org";

#[tokio::test]
async fn a_user_registers_activates_logs_in_looks_and_logs_out() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();

    let answer = client.register("Ada@Example.org").answer().await.expect(202);
    assert_eq!(answer.json(), json!({ "status": "pending" }));
    assert!(!answer.headers.contains_key("set-cookie"));

    client.log_in(ADA, "bearer").answer().await.problem(403, "not_activated");
    let mail = home.mailbox().wait_for("Ada@example.org", "Activate").await;
    assert_eq!(mail.subject, "Activate your account at Quickstart");
    let activation = mail.token().unwrap();
    let answer = client.activate(&activation).answer().await.expect(204);
    assert!(answer.body.is_empty() && !answer.headers.contains_key("set-cookie"));
    home.mailbox().wait_for("Ada@example.org", "Welcome").await;
    // A page may send it twice.
    client.activate(&activation).answer().await.expect(204);

    let answer = client.log_in(ADA, "bearer").answer().await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_eq!(answer.json()["token_type"], "Bearer");
    let bearer = answer.text("/access_token");

    let answer = client.log_in(ADA, "cookie").answer().await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!(answer.json().get("access_token"), None);
    let (cookie, csrf) = (answer.cookie(), answer.text("/csrf_token"));
    assert!(cookie.starts_with("__Host-session="));

    let answer = client.get("/account").bearer_auth(&bearer).answer().await.expect(200);
    assert_eq!(answer.header("cache-control"), "no-store");
    let account = answer.json();
    assert_eq!(account["email"], "Ada@example.org");
    assert_eq!(account["display_name"], "Ada");
    assert_eq!(account["status"], "active");
    let answer = client.get("/account").header("Cookie", &cookie).answer().await.expect(200);
    assert_eq!(answer.json(), account);
    for greeted in
        [client.get("/hello").bearer_auth(&bearer), client.get("/hello").header("Cookie", &cookie)]
    {
        assert_eq!(greeted.answer().await.expect(200).body, "Hello, Ada!\n");
    }
    client.get("/hello").answer().await.problem(401, "unauthenticated");

    client.log_out().bearer_auth(&bearer).answer().await.expect(204);
    client.get("/account").bearer_auth(&bearer).answer().await.problem(401, "unauthenticated");
    client.get("/account").header("Cookie", &cookie).answer().await.expect(200);

    let log_out = || {
        let request = client.log_out().header("Cookie", &cookie);
        request.header("Sec-Fetch-Site", "same-origin")
    };
    log_out().answer().await.problem(403, "csrf_token_invalid");
    let answer = log_out().header("X-CSRF-Token", &csrf).answer().await.expect(204);
    assert!(answer.header("set-cookie").starts_with("__Host-session=; "));
    assert!(answer.header("set-cookie").contains("Max-Age=0"));
    client.get("/account").header("Cookie", &cookie).answer().await.problem(401, "unauthenticated");
    client.get("/hello").header("Cookie", &cookie).answer().await.problem(401, "unauthenticated");

    home.wait_until_all_mails_are_sent().await;
    server.ask_to_stop();
    assert!(server.wait().await.success());
    let session = cookie.split_once('=').unwrap().1;
    for secret in [PASSWORD, &activation, &bearer, session, &csrf] {
        assert!(!home.database_holds(secret.as_bytes()), "{secret}");
    }
    assert_eq!(home.log(), "", "nothing went wrong, so there is nothing to say");
}

#[tokio::test]
async fn the_origin_that_the_program_prints_is_the_one_whose_pages_it_trusts() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    client.register(ADA).answer().await.expect(202);
    let token = home.mailbox().wait_for_token(ADA).await;
    client.activate(&token).answer().await.expect(204);
    let answer = client.log_in(ADA, "cookie").answer().await.expect(200);

    // A browser that does not say `Sec-Fetch-Site` still says from which page a request comes.
    let log_out = |origin: &str| {
        let request = client.log_out().header("Cookie", answer.cookie()).header("Origin", origin);
        request.header("X-CSRF-Token", answer.text("/csrf_token"))
    };
    for foreign in ["http://localhost:1", "http://localhost", "null", "https://evil.example"] {
        log_out(foreign).answer().await.problem(403, "foreign_origin");
    }
    log_out(server.address()).answer().await.expect(204);
}
