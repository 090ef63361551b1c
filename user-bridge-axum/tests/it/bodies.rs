//! What is wrong with a body, all of it at once, on every route that takes one.

use http::header::CONTENT_TYPE;
use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};

use crate::support::{ALICE, App, PASSWORD, Send as _};

/// A route that takes a body, with the members that it requires and those that it may have.
struct Route {
    method: &'static str,
    path: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
}

const ROUTES: [Route; 12] = [
    route(
        "POST",
        "/auth/registration",
        &["email", "password"],
        &["display_name", "locale", "extra"],
    ),
    route("POST", "/auth/activation", &["token"], &["password", "new_password"]),
    route("POST", "/auth/activation/resend", &["email"], &[]),
    route("POST", "/auth/login", &["identifier", "password", "transport"], &["remember"]),
    route("POST", "/auth/reauth", &["password"], &[]),
    route("POST", "/auth/password/forgot", &["email"], &[]),
    route("POST", "/auth/password/reset", &["token", "password"], &[]),
    route("POST", "/auth/email/confirm", &["token"], &[]),
    route("POST", "/auth/email/cancel", &["token"], &[]),
    route("POST", "/account/password", &["current_password", "new_password"], &[]),
    route("POST", "/account/email", &["email"], &[]),
    route("PATCH", "/account", &[], &["display_name", "locale", "extra"]),
];

const fn route(
    method: &'static str,
    path: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
) -> Route {
    Route { method, path, required, optional }
}

/// Sends a body to a route, signed in, from an address of its own.
fn send(app: &App, bearer: &str, route: &Route, body: String) -> RequestBuilder {
    let request = app.client.request(route.method.parse().unwrap(), route.path);
    request.bearer_auth(bearer).header(CONTENT_TYPE, "application/json").body(body)
}

#[tokio::test]
async fn new_02_a_wrong_member_names_those_that_there_are_and_those_that_are_missing() {
    let app = App::start().await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    for route in &ROUTES {
        let answer = send(&app, &bearer, route, json!({ "e-mail": ALICE }).to_string());
        let answer = answer.answer().await;
        let mut expected = vec!["/e-mail unknown_member".to_owned()];
        expected.extend(route.required.iter().map(|name| format!("/{name} required")));
        assert_eq!(answer.problem(422, "invalid"), expected, "{}", route.path);
        let known = [route.required, route.optional].concat().join(", ");
        assert_eq!(answer.json()["errors"][0]["params"], json!({ "known": known }));
    }

    let login = json!({ "email": ALICE, "password": PASSWORD, "transport": "bearer" });
    let answer = app.client.post("/auth/login", &login).answer().await;
    assert_eq!(
        answer.json()["errors"],
        json!([
            {
                "pointer": "/email",
                "code": "unknown_member",
                "params": { "known": "identifier, password, transport, remember" },
            },
            { "pointer": "/identifier", "code": "required" },
        ])
    );
}

#[tokio::test]
async fn pub_07_many_unknown_members_have_no_larger_answer() {
    let app = App::start().await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    let many: Map<String, Value> = (0..7_000).map(|i| (format!("{i:x}"), json!(0))).collect();
    for route in &ROUTES {
        let answer = send(&app, &bearer, route, json!(many).to_string()).answer().await;
        assert_eq!(answer.problem(422, "invalid").len(), 50, "{}", route.path);
        assert!(answer.json()["more_errors"].as_u64().unwrap() >= 6_950, "{}", route.path);
        assert!(answer.body.len() < 10_000, "{} {}", route.path, answer.body.len());
    }
    for (method, path) in [("POST", "/auth/registration"), ("PATCH", "/account")] {
        let route = Route { method, path, required: &[], optional: &[] };
        let body = json!({ "extra": many }).to_string();
        let answer = send(&app, &bearer, &route, body).answer().await;
        assert_eq!(answer.problem(422, "invalid").len(), 50, "{path}");
        assert!(answer.json()["more_errors"].as_u64().unwrap() >= 6_950, "{path}");
        assert!(answer.body.len() < 10_000, "{path} {}", answer.body.len());
    }
}

#[tokio::test]
async fn pub_20_a_member_that_is_there_twice_is_refused() {
    let app = App::start().await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    for route in &ROUTES {
        for name in [route.required, route.optional].concat() {
            let body = format!(r#"{{"{name}":"a","{name}":"b"}}"#);
            let answer = send(&app, &bearer, route, body).answer().await;
            assert_eq!(answer.problem(400, "malformed"), [""; 0], "{} {name}", route.path);
        }
    }
    let body = format!(
        r#"{{"identifier":"{ALICE}","password":"wrong","password":"{PASSWORD}","transport":"bearer"}}"#
    );
    let login = &ROUTES[3];
    send(&app, &bearer, login, body).answer().await.problem(400, "malformed");
    let body = r#"{"extra":{"a":{"b":1,"b":2}}}"#.to_owned();
    send(&app, &bearer, &ROUTES[0], body).answer().await.problem(400, "malformed");
}
