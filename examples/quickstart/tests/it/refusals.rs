//! What the program does not take, and how it says so.

use reqwest::{Method, header::CONTENT_TYPE};
use serde_json::{Value, json};

use crate::{
    client::{Client, PASSWORD, Send as _},
    home::Home,
    raw::Raw,
};

const MIB: usize = 1024 * 1024;

/// The routes that take a JSON object.
const TAKE_A_BODY: [&str; 3] = ["/auth/registration", "/auth/activation", "/auth/login"];

fn post(client: &Client, path: &str, body: impl Into<reqwest::Body>) -> reqwest::RequestBuilder {
    client.request(Method::POST, path).header(CONTENT_TYPE, "application/json").body(body)
}

async fn expect_untouched(home: &Home) {
    for count in [
        "SELECT count(*) FROM dullahan_users",
        "SELECT count(*) FROM dullahan_sessions",
        "SELECT count(*) FROM dullahan_one_time_tokens",
        "SELECT count(*) FROM dullahan_owed_mails",
    ] {
        assert_eq!(home.number(count).await, 0, "{count}");
    }
    assert!(home.mailbox().mails().is_empty());
    assert_eq!(home.log(), "");
}

#[tokio::test]
async fn a_wrong_answer_is_refused_together_with_all_else_that_is_wrong() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    let register = |body: Value| client.post("/auth/registration", &body);

    let body = json!({ "email": "ada@example.org", "password": PASSWORD, "extra": { "horse_legs": "five" } });
    let violations = register(body).answer().await.problem(422, "invalid");
    assert_eq!(violations, ["/extra/horse_legs wrong_answer"]);

    let body = json!({
        "email": "nobody", "password": "short", "display_name": "Ada\u{202e}",
        "extra": { "horse_legs": 4, "a/b~c": 1 }
    });
    let answer = register(body).answer().await;
    let mut violations = answer.problem(422, "invalid");
    violations.sort_unstable();
    let expected = [
        "/display_name forbidden_character",
        "/email invalid_email",
        "/extra/a~1b~0c unknown_member",
        "/extra/horse_legs wrong_answer",
        "/password too_short",
    ];
    assert_eq!(violations, expected);
    let errors = answer.json()["errors"].take();
    let too_short = errors.as_array().unwrap().iter().find(|error| error["code"] == "too_short");
    assert_eq!(too_short.unwrap()["params"], json!({ "min": "15" }));

    let mut violations = register(json!({})).answer().await.problem(422, "invalid");
    violations.sort_unstable();
    let expected = ["/email required", "/extra/horse_legs wrong_answer", "/password required"];
    assert_eq!(violations, expected);
    expect_untouched(&home).await;
}

#[tokio::test]
async fn what_is_no_json_object_is_malformed() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    for path in TAKE_A_BODY {
        for body in [
            "",
            " ",
            "{",
            "}",
            "{]",
            "nonsense",
            "{\"email\":}",
            "{'email':'a'}",
            "{\"a\":1,}",
            "{} {}",
            "[]",
            "[{}]",
            "\"text\"",
            "1",
            "true",
            "null",
            "\u{feff}{}",
            "{\"a\":\"\n\"}",
        ] {
            let answer = post(&client, path, body).answer().await;
            assert_eq!(answer.problem(400, "malformed"), [""; 0], "{path} {body:?}");
        }
        let answer = post(&client, path, vec![b'{', b'"', 0xff, b'"', b'}']).answer().await;
        answer.problem(400, "malformed");
        let deep = "[".repeat(10_000);
        post(&client, path, format!("{{\"a\":{deep}")).answer().await.problem(400, "malformed");
    }
    expect_untouched(&home).await;
}

#[tokio::test]
async fn a_problem_does_not_repeat_what_was_sent() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    for path in TAKE_A_BODY {
        for body in [
            format!("{{\"password\":\"{PASSWORD}"),
            format!("\"{PASSWORD}\""),
            json!({ "password": [PASSWORD], "email": PASSWORD, "identifier": PASSWORD })
                .to_string(),
            json!({ "email": { PASSWORD: PASSWORD }, "transport": PASSWORD }).to_string(),
            json!({ "token": PASSWORD, "transport": PASSWORD, "identifier": "", "password": "" })
                .to_string(),
            json!({ "unknown": PASSWORD }).to_string(),
        ] {
            let answer = post(&client, path, body.clone()).answer().await;
            assert!((400..=422).contains(&answer.status), "{path} {body}: {answer:?}");
            assert!(!answer.body.contains(PASSWORD), "{path} {body}: {answer:?}");
        }
    }
    expect_untouched(&home).await;
}

#[tokio::test]
async fn members_that_nobody_knows_are_named_all_at_once() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    for path in TAKE_A_BODY {
        let body = json!({
            "email": "ada@example.org", "password": PASSWORD, "identifier": "a", "token": "a",
            "roles": ["admin"], "is/admin~": true, "": 1
        });
        let violations = client.post(path, &body).answer().await.problem(422, "invalid");
        for unknown in ["/roles unknown_member", "/is~1admin~0 unknown_member", "/ unknown_member"]
        {
            assert!(
                violations.iter().any(|violation| violation == unknown),
                "{path} {violations:?}"
            );
        }
    }
    expect_untouched(&home).await;
}

#[tokio::test]
async fn a_member_of_a_wrong_type_is_named() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    for (path, member, wrong) in [
        ("/auth/registration", "email", json!(1)),
        ("/auth/registration", "email", json!(["ada@example.org"])),
        ("/auth/registration", "password", json!(123_456_789_012_345_u64)),
        ("/auth/registration", "password", json!({ "a": 1 })),
        ("/auth/registration", "display_name", json!(false)),
        ("/auth/registration", "extra", json!("four")),
        ("/auth/registration", "extra", json!([1])),
        ("/auth/registration", "extra", Value::Null),
        ("/auth/activation", "token", json!(1)),
        ("/auth/activation", "token", json!([])),
        ("/auth/login", "identifier", json!({})),
        ("/auth/login", "password", json!(1.5)),
        ("/auth/login", "transport", json!(true)),
    ] {
        let answer = client.post(path, &json!({ member: wrong })).answer().await;
        let (of_type, missing): (Vec<_>, Vec<_>) = answer
            .problem(422, "invalid")
            .into_iter()
            .partition(|violation| violation.ends_with(" wrong_type"));
        assert_eq!(of_type, [format!("/{member} wrong_type")], "{path} {wrong}");
        assert!(missing.iter().all(|violation| violation.ends_with(" required")), "{missing:?}");
    }
    expect_untouched(&home).await;
}

#[tokio::test]
async fn what_is_missing_is_named_all_at_once() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    for empty in [json!({}), json!({ "identifier": null, "password": null, "transport": null })] {
        let violations = client.post("/auth/login", &empty).answer().await.problem(422, "invalid");
        assert_eq!(
            violations,
            ["/identifier required", "/password required", "/transport required"]
        );
    }
    let body =
        json!({ "identifier": "ada@example.org", "password": PASSWORD, "transport": "pigeon" });
    let violations = client.post("/auth/login", &body).answer().await.problem(422, "invalid");
    assert_eq!(violations, ["/transport unknown_value"]);
    for empty in [json!({}), json!({ "token": null })] {
        let violations = client.post("/auth/activation", &empty).answer().await;
        assert_eq!(violations.problem(422, "invalid"), ["/token required"]);
    }
}

#[tokio::test]
async fn only_json_is_taken() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    let body = json!({ "email": "ada@example.org", "password": PASSWORD, "extra": { "horse_legs": "four" } });
    let post = |path: &str| client.request(Method::POST, path).body(body.to_string());
    for path in TAKE_A_BODY.into_iter().chain(["/auth/logout"]) {
        post(path).answer().await.problem(415, "unsupported_media_type");
        for wrong in [
            "",
            "text/plain",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=a",
            "application/xml",
            "application/jsonp",
            "text/json",
            "json",
            "application/json-patch+json",
            "text/plain; application/json",
            "text/plain, application/json",
        ] {
            let answer = post(path).header(CONTENT_TYPE, wrong).answer().await;
            assert_eq!(answer.problem(415, "unsupported_media_type"), [""; 0], "{path} {wrong}");
        }
        let twice = post(path).header(CONTENT_TYPE, "application/json");
        let answer = twice.header(CONTENT_TYPE, "text/plain").answer().await;
        answer.problem(415, "unsupported_media_type");
    }
    expect_untouched(&home).await;
    for right in [
        "application/json",
        "APPLICATION/JSON",
        "application/json; charset=utf-8",
        "application/json ;a=b",
    ] {
        post("/auth/registration").header(CONTENT_TYPE, right).answer().await.expect(202);
    }
}

#[tokio::test]
async fn what_is_not_there_and_what_cannot_be_done_to_it() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    for path in [
        "/auth",
        "/auth/",
        "/auth/login/",
        "/Auth/login",
        "//account",
        "/%61ccount",
        "/account%2f",
        "/accounts",
        "/.env",
        "/auth/registration/x",
    ] {
        for method in [Method::GET, Method::POST, Method::DELETE] {
            client.request(method, path).answer().await.problem(404, "not_found");
        }
    }
    let routes = TAKE_A_BODY.into_iter().chain(["/auth/logout"]).map(|path| (path, "POST"));
    for (path, allowed) in routes.chain([("/account", "GET, HEAD, PATCH")]) {
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW", "get"] {
            if allowed.contains(method) {
                continue;
            }
            let method = Method::from_bytes(method.as_bytes()).unwrap();
            let answer = client.request(method.clone(), path).answer().await;
            assert_eq!(answer.problem(405, "method_not_allowed"), [""; 0], "{method} {path}");
            assert_eq!(answer.header("allow"), allowed, "{method} {path}");
        }
    }
    expect_untouched(&home).await;
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    client.register("ada@example.org").answer().await.expect(202);
    let token = home.mailbox().wait_for_token("ada@example.org").await;
    client.activate(&token).answer().await.expect(204);
    let bearer = client.log_in("ada@example.org", "bearer").answer().await.text("/access_token");

    for path in ["/account", "/hello", "/nowhere", "/auth/login"] {
        for bearer in ["", &bearer] {
            let get = client.get(path).bearer_auth(bearer).answer().await;
            let head = client.request(Method::HEAD, path).bearer_auth(bearer).answer().await;
            assert_eq!(head.status, get.status, "{path}");
            assert_eq!(head.body, "", "{path}");
            let without_date = |mut answer: crate::client::Answer| {
                answer.headers.remove("date");
                answer.headers
            };
            assert_eq!(without_date(head), without_date(get), "{path}");
        }
    }
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_however_it_is_sent() {
    let home = Home::new();
    let server = home.start();
    let head = |path: &str, more: &str| {
        format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n{more}\r\n\r\n"
        )
    };
    for path in TAKE_A_BODY.into_iter().chain(["/auth/logout"]) {
        // Its length is said, and all of it is sent.
        let mut raw = Raw::connect(&server).await;
        raw.write(head(path, &format!("Content-Length: {}", 2 * MIB)).as_bytes()).await;
        raw.write(&vec![b' '; 2 * MIB]).await;
        let (status, answer) = raw.head().await;
        assert_eq!(status, 413, "{answer}");
        assert!(answer.contains("content-type: application/problem+json"), "{answer}");

        // Its length is said, and the client asks first.
        let mut raw = Raw::connect(&server).await;
        let asking = format!("Content-Length: {}\r\nExpect: 100-continue", 2 * MIB);
        raw.write(head(path, &asking).as_bytes()).await;
        assert_eq!(raw.head().await.0, 413, "nothing of it is asked for");

        // Its length is not said.
        let mut raw = Raw::connect(&server).await;
        raw.write(head(path, "Transfer-Encoding: chunked").as_bytes()).await;
        for _ in 0..2 * MIB / 4096 {
            raw.write(b"1000\r\n").await;
            raw.write(&[b' '; 4096]).await;
            raw.write(b"\r\n").await;
        }
        raw.write(b"0\r\n\r\n").await;
        assert_eq!(raw.head().await.0, 413);
    }
    expect_untouched(&home).await;

    // Up to the limit it is read to its end.
    let client = server.client();
    let body = |spaces| format!("{{}}{}", " ".repeat(spaces));
    let answer = post(&client, "/auth/activation", body(64 * 1024 - 2)).answer().await;
    assert_eq!(answer.problem(422, "invalid"), ["/token required"]);
    let answer = post(&client, "/auth/activation", body(64 * 1024 - 1)).answer().await;
    answer.problem(413, "too_large");
}

#[tokio::test]
async fn a_body_that_breaks_off_is_told_so_to_whoever_still_listens() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    let head =
        "POST /auth/registration HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n";
    for (more, status) in [
        ("Transfer-Encoding: chunked\r\n\r\n7\r\n{\"email\r\nnonsense\r\n", 400),
        ("Content-Length: 10\r\nContent-Length: 20\r\n\r\n{}", 400),
        ("Content-Length: -1\r\n\r\n{}", 400),
        ("Content-Length: 2\r\n\r\n{}", 422),
    ] {
        let mut raw = Raw::connect(&server).await;
        raw.write(format!("{head}{more}").as_bytes()).await;
        assert_eq!(raw.head().await.0, status, "{more}");
    }
    let mut raw = Raw::connect(&server).await;
    raw.write(format!("{head}Content-Length: 1000\r\n\r\n{{").as_bytes()).await;
    drop(raw);
    client.get("/account").answer().await.problem(401, "unauthenticated");
    expect_untouched(&home).await;
}
