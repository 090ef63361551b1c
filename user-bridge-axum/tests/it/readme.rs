//! The exchanges of the module's README, sent as they are written there, one after the other.

use std::collections::BTreeSet;

use http::header::{CONTENT_TYPE, USER_AGENT};
use serde_json::{Value, json};

use crate::support::{App, Send as _};

const README: &str = include_str!("../../../user/README.md");

const ADA: &str = "ada@example.org";

/// What stands for a value that differs each time.
const ANY: &str = "…";

/// A request and its answer, as the README has them.
struct Exchange<'r> {
    method: &'r str,
    path: &'r str,
    body: Value,
    status: u16,
    answer: Value,
}

impl<'r> Exchange<'r> {
    fn of(block: &'r str) -> Self {
        let (request, answer) = block.split_once("\n\n").expect("a request and an answer");
        let (line, body) = request.split_once('\n').unwrap_or((request, "null"));
        let (method, path) = line.split_once(' ').unwrap();
        let (status, answer) = answer.split_once('\n').unwrap_or((answer, "null"));
        let parse =
            |text| serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {block}"));
        Self {
            method,
            path,
            body: parse(body),
            status: status.trim().parse().unwrap(),
            answer: parse(answer),
        }
    }

    fn needs_a_session(&self) -> bool {
        self.path.starts_with("/account")
            || ["/auth/logout", "/auth/reauth", "/auth/csrf"].contains(&self.path)
    }

    /// The mailbox whose last token the request takes.
    fn mailbox(&self) -> &'static str {
        if self.path == "/auth/email/confirm" { "ada@example.com" } else { ADA }
    }
}

fn exchanges() -> Vec<Exchange<'static>> {
    let blocks = README.split("```http\n").skip(1);
    blocks.map(|block| Exchange::of(block.split_once("\n```").unwrap().0)).collect()
}

/// Whether a value is as the README has it.
fn is_as_told(value: &Value, told: &Value) -> bool {
    match (value, told) {
        (Value::String(_), Value::String(told)) if told == ANY => true,
        (Value::Object(value), Value::Object(told)) => {
            value.len() == told.len()
                && told.iter().all(|(name, told)| {
                    value.get(name).is_some_and(|value| is_as_told(value, told))
                })
        }
        (Value::Array(value), Value::Array(told)) => {
            value.len() == told.len()
                && value.iter().zip(told).all(|(value, told)| is_as_told(value, told))
        }
        _ => value == told,
    }
}

#[tokio::test]
async fn new_02_the_readme_shows_each_route_as_it_is() {
    let app = App::start().await;
    let (mut bearer, mut password) = (String::new(), String::new());
    let mut shown = BTreeSet::new();
    for mut exchange in exchanges() {
        shown.insert(format!("{} {}", exchange.method, exchange.path.split('?').next().unwrap()));
        if exchange.body["token"] == ANY {
            exchange.body["token"] = json!(app.mailer.token(exchange.mailbox()));
        }
        let mut path = exchange.path.to_owned();
        if path.contains("{id}") {
            let sessions =
                app.client.get("/account/sessions").bearer_auth(&bearer).answer().await.json();
            let sessions = sessions["sessions"].as_array().unwrap();
            let other = sessions.iter().find(|session| session["current"] == false).unwrap();
            path = path.replace("{id}", other["id"].as_str().unwrap());
        }
        if exchange.path == "/account/removal" {
            // The change of the address was stopped, which has ended all sessions and voided the password.
            app.client.reset(&app.mailer.token(ADA), &password).answer().await.expect(204);
            let answer = app.client.log_in(ADA, &password).answer().await.expect(200);
            bearer = answer.text("/access_token");
        }
        if exchange.path == "/auth/logout" {
            // The account of the README has just been removed.
            app.client.register_with("bob@x.test", &password).answer().await.expect(202);
            app.deliver_mails().await;
            app.client
                .activate_with(&app.mailer.token("bob@x.test"), &password)
                .answer()
                .await
                .expect(204);
            let answer = app.client.log_in("bob@x.test", &password).answer().await.expect(200);
            bearer = answer.text("/access_token");
        }
        let mut request = app.client.request(exchange.method.parse().unwrap(), &path);
        request = request.header(USER_AGENT, "curl/8.5.0");
        if exchange.needs_a_session() {
            request = request.bearer_auth(&bearer);
        }
        if !exchange.body.is_null() {
            let body = exchange.body.to_string();
            request = request.header(CONTENT_TYPE, "application/json").body(body);
        }
        let answer = request.answer().await;
        assert_eq!(answer.status, exchange.status, "{} {path}: {answer:?}", exchange.method);
        let body = answer.json_or_null();
        let (found, told) = (format!("{body:#}"), format!("{:#}", exchange.answer));
        assert!(
            is_as_told(&body, &exchange.answer),
            "{} {path}: {found}\nis told as {told}",
            exchange.method
        );
        if let Some(token) = body["access_token"].as_str() {
            token.clone_into(&mut bearer);
        }
        if let Some(new) = exchange.body["new_password"].as_str() {
            new.clone_into(&mut password);
        }
        app.deliver_mails().await;
    }
    let routes: BTreeSet<_> = app
        .users
        .routes()
        .iter()
        .map(|route| format!("{} {}", route.method, route.path))
        .filter(|route| route != "GET /auth/openapi.json")
        .collect();
    assert_eq!(shown, routes);
}
