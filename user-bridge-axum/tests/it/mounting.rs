//! The router in an application: nested or at the root, beside routes and a fallback of the application's own.

use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

use dullahan_core::{Before, CoreBuilder, Listener, Result};
use dullahan_user::presentation::{
    event::transport::ResolveSession,
    http::{ClientAddress, HttpSettings},
};
use http::{Method, header};
use parking_lot::Mutex;
use serde_json::json;

use crate::support::{ALICE, Answer, App, PASSWORD, Send as _, app::Plan, mount::Mount};

fn nested() -> Plan {
    Plan { mount: Mount::Nested, ..Plan::default() }
}

fn merged() -> Plan {
    Plan { mount: Mount::Merged, ..Plan::default() }
}

fn with_fallback() -> Plan {
    Plan { mount: Mount::WithFallback, ..Plan::default() }
}

async fn expect_every_flow(app: &App) {
    app.add_user(ALICE).await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    let hello = app.client.to_application(Method::GET, "/hello").bearer_auth(&bearer);
    assert_eq!(hello.answer().await.expect(200).body, "Hello, alice@x.test!");
    app.client.log_out().on_own_page(&session).answer().await.expect(204);
    app.client.log_out().bearer_auth(&bearer).answer().await.expect(204);
    app.client.account_of_bearer(&bearer).answer().await.problem(401, "unauthenticated");
    let refused = app.client.request(Method::PUT, "/auth/login").answer().await;
    refused.problem(405, "method_not_allowed");
    assert_eq!(refused.headers[header::ALLOW], "POST");
}

#[tokio::test]
async fn nested_under_a_path() {
    let app = nested().start().await;
    expect_every_flow(&app).await;
    for unknown in ["/nowhere", "/auth", "/account/1"] {
        app.client.get(unknown).answer().await.problem(404, "not_found");
    }
    let below_a_slash = app.client.to_application(Method::GET, "/slash/account").answer().await;
    below_a_slash.problem(401, "unauthenticated");
    let unknown = app.client.to_application(Method::GET, "/slash/nowhere").answer().await;
    unknown.problem(404, "not_found");
    let outside = app.client.to_application(Method::GET, "/account").answer().await.expect(404);
    assert!(!outside.headers.contains_key(header::CONTENT_TYPE), "it is the framework's own");
}

#[tokio::test]
async fn merged_at_the_root() {
    let app = merged().start().await;
    expect_every_flow(&app).await;
    app.client.get("/nowhere").answer().await.problem(404, "not_found");
}

#[tokio::test]
async fn merged_at_the_root_with_a_fallback_of_the_application_s_own() {
    let app = with_fallback().start().await;
    expect_every_flow(&app).await;
    for unknown in ["/nowhere", "/auth", "/account/"] {
        let answer = app.client.get(unknown).answer().await.expect(404);
        assert_eq!(answer.body, "the application does not know it");
    }
}

#[tokio::test]
async fn the_signed_in_user_on_the_application_s_own_get_route() {
    let app = merged().start().await;
    app.add_user(ALICE).await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let hello = || app.client.to_application(Method::GET, "/hello");
    let head = || app.client.to_application(Method::HEAD, "/hello");
    for request in [hello().bearer_auth(&bearer), hello().header(header::COOKIE, &session.cookie)] {
        assert_eq!(request.answer().await.expect(200).body, "Hello, alice@x.test!");
    }
    let answer = head().bearer_auth(&bearer).answer().await.expect(200);
    assert_eq!(
        (answer.body.as_str(), &answer.headers["content-length"]),
        ("", &"20".parse().unwrap())
    );
    let refused = hello().answer().await;
    refused.problem(401, "unauthenticated");
    assert_eq!(refused.headers["www-authenticate"], "Bearer");
    let fall_back = hello().header(header::COOKIE, &session.cookie).bearer_auth("nonsense");
    let with_token = fall_back.answer().await;
    assert_eq!(with_token.headers["www-authenticate"], "Bearer error=\"invalid_token\"");
    assert_eq!(with_token.clone().without_challenge(), refused.clone().without_challenge());
    app.database.execute("UPDATE dullahan_users SET status = 'deactivated'").await;
    assert_eq!(hello().bearer_auth(&bearer).answer().await, with_token);
    assert_eq!(hello().header(header::COOKIE, &session.cookie).answer().await, refused);
}

#[tokio::test]
async fn csrf_01_the_application_s_own_routes_are_guarded_like_the_module_s() {
    let app = merged().start().await;
    app.add_user(ALICE).await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let other = app.client.cookie(ALICE).await;
    for method in [Method::POST, Method::DELETE] {
        let send = || app.client.to_application(method.clone(), "/notes").body("milk");
        let with_cookie = || send().header(header::COOKIE, &session.cookie);
        let with_token = || with_cookie().header("X-CSRF-Token", &session.csrf);
        send().answer().await.problem(401, "unauthenticated");
        with_cookie().answer().await.problem(403, "foreign_origin");
        with_token().answer().await.problem(403, "foreign_origin");
        let cross_site = with_token().header("Sec-Fetch-Site", "cross-site");
        cross_site.answer().await.problem(403, "foreign_origin");
        let without = with_cookie().header("Sec-Fetch-Site", "same-origin");
        without.answer().await.problem(403, "csrf_token_invalid");
        let mixed = with_cookie().header("Sec-Fetch-Site", "same-origin");
        let mixed = mixed.header("X-CSRF-Token", &other.csrf);
        mixed.answer().await.problem(403, "csrf_token_invalid");
        let good = [send().on_own_page(&session), send().bearer_auth(&bearer)];
        for request in good {
            let answer: Answer = request.answer().await;
            assert!(answer.status < 300, "{answer:?}");
        }
    }
}

#[tokio::test]
async fn head_is_get_without_a_body() {
    let app = nested().start().await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    for (path, token) in [("/account", bearer.as_str()), ("/account", ""), ("/nowhere", "")] {
        let get = app.client.get(path).bearer_auth(token).answer().await;
        let head = app.client.request(Method::HEAD, path).bearer_auth(token).answer().await;
        assert!(!get.body.is_empty());
        assert_eq!(head, Answer { body: String::new(), ..get }, "{path}");
    }
}

/// Notes the address of the client, as every listener sees it.
struct NoteAddress(Arc<Mutex<Vec<Option<IpAddr>>>>);

impl Listener<Before<'_, ResolveSession>> for NoteAddress {
    async fn call(&self, ev: Before<'_, ResolveSession>) -> Result<()> {
        self.0.lock().push(ev.context().client_address());
        Ok(())
    }
}

/// The addresses that a listener sees in a request to a route of the module and to one of the application.
async fn addresses_seen(plan: Plan) -> Vec<Option<IpAddr>> {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let note = NoteAddress(Arc::clone(&seen));
    let extend = Box::new(|core: &mut CoreBuilder| {
        core.event::<ResolveSession>().before(note);
    });
    let app = Plan { extend, ..plan }.start().await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    let forwarded =
        |request: reqwest::RequestBuilder| request.header("X-Forwarded-For", "192.0.2.1");
    forwarded(app.client.account_of_bearer(&bearer)).answer().await.expect(200);
    let hello = app.client.to_application(Method::GET, "/hello");
    forwarded(hello.bearer_auth(&bearer)).answer().await.expect(200);
    seen.lock().clone()
}

#[tokio::test]
async fn listeners_see_the_client_s_address_on_every_route() {
    assert_eq!(addresses_seen(merged()).await, [Some(IpAddr::V4(Ipv4Addr::LOCALHOST)); 2]);
}

#[tokio::test]
async fn log_04_behind_a_trusted_proxy_listeners_see_what_the_proxy_saw() {
    let http =
        HttpSettings { trusted_proxies: "127.0.0.0/8".parse().unwrap(), ..HttpSettings::default() };
    let forwarded = Some(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)));
    assert_eq!(addresses_seen(Plan { http, ..merged() }).await, [forwarded; 2]);
}

#[tokio::test]
async fn an_application_behind_a_proxy_says_the_client_s_address_itself() {
    let forwarded = ClientAddress(IpAddr::V4(Ipv4Addr::new(198, 51, 100, 7)));
    let plan = Plan { forwarded: Some(forwarded), ..merged() };
    assert_eq!(addresses_seen(plan).await, [Some(forwarded.0); 2]);
}

#[tokio::test]
async fn the_limit_of_a_body_is_what_the_settings_say() {
    let http = HttpSettings { body_limit: 1024, ..HttpSettings::default() };
    let app = Plan { http, ..merged() }.start().await;
    let body = json!({ "email": ALICE, "password": PASSWORD }).to_string();
    let post = |spaces: usize| {
        let body = format!("{body}{}", " ".repeat(spaces));
        app.client
            .request(Method::POST, "/auth/registration")
            .header(header::CONTENT_TYPE, "application/json")
            .body(body)
    };
    let left = 1024 - body.len();
    post(left + 1).answer().await.problem(413, "too_large");
    post(left).answer().await.expect(202);
    // The application's own routes have limits of their own.
    app.deliver_mails().await;
    app.client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    let log_in = json!({ "identifier": ALICE, "password": PASSWORD, "transport": "bearer" });
    app.client.post("/auth/login", &log_in).answer().await.expect(200);
}
