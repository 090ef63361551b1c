//! What holds for every route: AUT-01, CSRF-01, -03, -05 and -06.

use std::collections::BTreeSet;

use http::{Method, header};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::support::{
    ALICE, App, BOB, OTHER_PASSWORD, PASSWORD, Plan, Send as _, client::CookieSession,
    on_both_databases,
};

on_both_databases!(
    aut_01_nobody_gets_at_an_account_without_a_session,
    aut_01_a_user_gets_at_the_own_account_and_no_other,
    csrf_01_a_cookie_alone_changes_nothing_on_any_route,
    csrf_03_what_a_form_can_send_is_taken_by_no_route,
    csrf_05_a_foreign_page_gets_at_no_route_before_a_session,
    csrf_06_no_link_uses_a_token_up,
);

/// A request to a route, as it succeeds.
struct Case {
    method: Method,
    /// The path of the route.
    route: &'static str,
    path: String,
    body: Option<Value>,
    /// Whether it needs a session.
    is_own: bool,
    success: u16,
}

impl Case {
    fn request(&self, app: &App) -> RequestBuilder {
        let request = app.client.request(self.method.clone(), &self.path);
        match &self.body {
            Some(body) => request.json(body),
            None => request,
        }
    }

    fn is_unsafe(&self) -> bool {
        self.method != Method::GET
    }
}

/// The tokens of mails, each of another user.
struct Tokens {
    activation: String,
    reset: String,
    confirm: String,
    cancel: String,
}

impl Tokens {
    async fn of(app: &App) -> Self {
        let activation = app.register("pending@x.test").await;
        app.add_user("forgetful@x.test").await;
        app.client.forgot("forgetful@x.test").answer().await.expect(202);
        app.deliver_mails().await;
        let reset = app.mailer.token("forgetful@x.test");
        let mut of_changes = Vec::new();
        for (from, to) in [("moving@x.test", "moved@x.test"), ("staying@x.test", "gone@x.test")] {
            app.add_user(from).await;
            let bearer = app.client.bearer(from).await;
            app.client.change_email(to).bearer_auth(bearer).answer().await.expect(202);
            app.deliver_mails().await;
            of_changes.push(app.mailer.token(to));
        }
        let (cancel, confirm) = (of_changes.remove(1), of_changes.remove(0));
        Self { activation, reset, confirm, cancel }
    }
}

/// A request to every route there is. That which ends everything is the last.
fn every_route(app: &App, tokens: &Tokens, session_id: &str) -> Vec<Case> {
    let case = |method: &str, route: &'static str, body: Value, success| Case {
        method: method.parse().unwrap(),
        route,
        path: route.replace("{id}", session_id),
        body: (!body.is_null()).then_some(body),
        is_own: true,
        success,
    };
    let public = |method: &str, route, body, success| Case {
        is_own: false,
        ..case(method, route, body, success)
    };
    let log_in = json!({ "identifier": ALICE, "password": PASSWORD, "transport": "cookie" });
    let registration = json!({ "email": "carol@x.test", "password": PASSWORD });
    let reset = json!({ "token": tokens.reset, "password": OTHER_PASSWORD });
    let change = json!({ "current_password": PASSWORD, "new_password": OTHER_PASSWORD });
    let mut others = case("DELETE", "/account/sessions", Value::Null, 204);
    others.path.push_str("?except=current");
    let cases = vec![
        public("POST", "/auth/registration", registration, 202),
        public(
            "POST",
            "/auth/activation",
            json!({ "token": tokens.activation, "password": PASSWORD }),
            204,
        ),
        public("POST", "/auth/activation/resend", json!({ "email": ALICE }), 202),
        public("POST", "/auth/login", log_in, 200),
        public("POST", "/auth/password/forgot", json!({ "email": ALICE }), 202),
        public("POST", "/auth/password/reset", reset, 204),
        public("POST", "/auth/email/confirm", json!({ "token": tokens.confirm }), 200),
        public("POST", "/auth/email/cancel", json!({ "token": tokens.cancel }), 204),
        public("GET", "/auth/openapi.json", Value::Null, 404),
        case("GET", "/auth/csrf", Value::Null, 200),
        case("GET", "/account", Value::Null, 200),
        case("PATCH", "/account", json!({ "locale": "de" }), 200),
        case("GET", "/account/sessions", Value::Null, 200),
        case("GET", "/account/export", Value::Null, 200),
        case("DELETE", "/account/sessions/{id}", Value::Null, 204),
        others,
        case("POST", "/auth/logout", json!({}), 204),
        case("POST", "/auth/reauth", json!({ "password": PASSWORD }), 200),
        case("POST", "/account/email", json!({ "email": "wonderland@x.test" }), 202),
        case("POST", "/account/password", change, 200),
        case("POST", "/account/removal", json!({ "password": OTHER_PASSWORD }), 204),
    ];
    let asked: BTreeSet<_> =
        cases.iter().map(|case| (case.method.to_string(), case.route)).collect();
    let routes = app.users.routes().iter();
    let routes: BTreeSet<_> = routes.map(|route| (route.method.to_string(), route.path)).collect();
    assert_eq!(asked, routes, "the list is complete");
    cases
}

async fn session_id(app: &App, email: &str) -> String {
    app.client.cookie_answer(email, PASSWORD).await.text("/session/id")
}

async fn aut_01_nobody_gets_at_an_account_without_a_session(plan: Plan) {
    let app = plan.start_with_alice().await;
    let tokens = Tokens::of(&app).await;
    let id = session_id(&app, ALICE).await;
    let before = app.database.dump().await;
    app.hasher.take_counts();
    for case in every_route(&app, &tokens, &id).iter().filter(|case| case.is_own) {
        let refused = case.request(&app).answer().await;
        assert_eq!(refused.problem(401, "unauthenticated"), [""; 0], "{}", case.path);
        assert_eq!(refused.headers["www-authenticate"], "Bearer");
        for token in ["A".repeat(43), tokens.reset.clone(), tokens.activation.clone()] {
            let answer = case.request(&app).bearer_auth(&token).answer().await;
            let refused = refused.clone().without_challenge();
            assert_eq!(answer.without_challenge(), refused, "{}", case.path);
            if case.route == "/auth/logout" {
                // A cookie is cleared, whatever it is worth.
                continue;
            }
            let cookie = CookieSession { cookie: format!("__Host-session={token}"), csrf: token };
            let answer = case.request(&app).on_own_page(&cookie).answer().await;
            assert_eq!(answer.without_challenge(), refused, "{}", case.path);
        }
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(app.database.dump().await, before);
}

async fn aut_01_a_user_gets_at_the_own_account_and_no_other(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    let tokens = Tokens::of(&app).await;
    let of_alice = app.client.bearer(ALICE).await;
    let id = session_id(&app, ALICE).await;
    let seen_by_alice = async || {
        let account = app.client.get("/account/export").bearer_auth(&of_alice);
        account.answer().await.expect(200).json()
    };
    let before = seen_by_alice().await;
    let mut password = PASSWORD;
    for case in every_route(&app, &tokens, &id).iter().filter(|case| case.is_own) {
        let of_bob = app.client.log_in(BOB, password).answer().await.expect(200);
        let of_bob = of_bob.text("/access_token");
        let answer = case.request(&app).bearer_auth(&of_bob).answer().await;
        let is_foreign = case.route.contains("{id}");
        let answer = answer.expect(if is_foreign { 404 } else { case.success });
        for secret in ["argon2", "hash", "digest", ALICE] {
            assert!(!answer.body.contains(secret), "{}: {answer:?}", case.path);
        }
        assert_eq!(answer.headers["cache-control"], "no-store", "{}", case.path);
        assert_eq!(answer.headers["x-content-type-options"], "nosniff", "{}", case.path);
        if case.route == "/account/password" {
            password = OTHER_PASSWORD;
        }
        assert_eq!(seen_by_alice().await, before, "{}", case.path);
    }
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    app.client.log_in(BOB, OTHER_PASSWORD).answer().await.expect(401);
}

async fn csrf_01_a_cookie_alone_changes_nothing_on_any_route(plan: Plan) {
    let app = plan.start_with_alice().await;
    let tokens = Tokens::of(&app).await;
    let id = session_id(&app, ALICE).await;
    let session = app.client.cookie(ALICE).await;
    let before = app.database.dump().await;
    app.hasher.take_counts();
    let cases = every_route(&app, &tokens, &id);
    let of_cookies = || cases.iter().filter(|case| case.is_own && case.is_unsafe());
    for case in of_cookies() {
        let with_cookie = || case.request(&app).header(header::COOKIE, &session.cookie);
        let with_token = || with_cookie().header("X-CSRF-Token", &session.csrf);
        let own = with_cookie().header("Sec-Fetch-Site", "same-origin");
        own.answer().await.problem(403, "csrf_token_invalid");
        let wrong = with_cookie().header("Sec-Fetch-Site", "same-origin");
        let wrong = wrong.header("X-CSRF-Token", "A".repeat(43));
        wrong.answer().await.problem(403, "csrf_token_invalid");
        for foreign in [
            with_token(),
            with_token().header("Sec-Fetch-Site", "cross-site"),
            with_token().header("Sec-Fetch-Site", "same-site"),
            with_token().header("Origin", "https://evil.example"),
            with_token().header("Referer", "https://evil.example/page"),
            with_cookie(),
        ] {
            foreign.answer().await.problem(403, "foreign_origin");
        }
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(app.database.dump().await, before);
    let mut password = PASSWORD;
    for case in of_cookies() {
        let session = CookieSession::of(&app.client.cookie_answer(ALICE, password).await);
        let answer = case.request(&app).on_own_page(&session).answer().await;
        // The one session was among all others.
        let success = if case.route.contains("{id}") { [204, 404] } else { [case.success; 2] };
        assert!(success.contains(&answer.status), "{}: {answer:?}", case.path);
        if case.route == "/account/password" {
            password = OTHER_PASSWORD;
        }
    }
}

async fn csrf_03_what_a_form_can_send_is_taken_by_no_route(plan: Plan) {
    let app = plan.start_with_alice().await;
    let tokens = Tokens::of(&app).await;
    let id = session_id(&app, ALICE).await;
    let session = app.client.cookie(ALICE).await;
    let before = app.database.dump().await;
    app.hasher.take_counts();
    for case in every_route(&app, &tokens, &id).iter().filter(|case| case.is_unsafe()) {
        let body = case.body.clone().unwrap_or(json!({})).to_string();
        let request = || {
            let request = app.client.request(case.method.clone(), &case.path).body(body.clone());
            request.on_own_page(&session)
        };
        request().answer().await.problem(415, "unsupported_media_type");
        for content_type in [
            "text/plain",
            "text/plain;application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=b",
        ] {
            let answer = request().header(header::CONTENT_TYPE, content_type).answer().await;
            answer.problem(415, "unsupported_media_type");
        }
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(app.database.dump().await, before);
}

async fn csrf_05_a_foreign_page_gets_at_no_route_before_a_session(plan: Plan) {
    let app = plan.start_with_alice().await;
    let tokens = Tokens::of(&app).await;
    let before = app.database.dump().await;
    app.hasher.take_counts();
    let cases = every_route(&app, &tokens, "1");
    let before_a_session = || cases.iter().filter(|case| !case.is_own && case.is_unsafe());
    for case in before_a_session() {
        for (name, value) in [
            ("Sec-Fetch-Site", "cross-site"),
            ("Sec-Fetch-Site", "same-site"),
            ("Origin", "https://evil.example"),
            ("Origin", "null"),
            ("Referer", "https://evil.example/page"),
        ] {
            let answer = case.request(&app).header(name, value).answer().await;
            assert_eq!(answer.problem(403, "foreign_origin"), [""; 0], "{}", case.path);
            assert!(!answer.headers.contains_key(header::SET_COOKIE));
        }
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(app.database.dump().await, before);
    for case in before_a_session() {
        let own = case.request(&app).header("Sec-Fetch-Site", "same-origin");
        own.answer().await.expect(case.success);
    }
}

async fn csrf_06_no_link_uses_a_token_up(plan: Plan) {
    let app = plan.start_with_alice().await;
    let tokens = Tokens::of(&app).await;
    let id = session_id(&app, ALICE).await;
    let session = app.client.cookie(ALICE).await;
    let before = app.database.dump().await;
    let cases = every_route(&app, &tokens, &id);
    for case in &cases {
        for token in [&tokens.activation, &tokens.reset, &tokens.confirm, &tokens.cancel] {
            let query = format!("{}?token={token}&password=ferret+lamp+umbrella", case.route);
            for path in [case.path.clone(), query, format!("{}/{token}", case.route)] {
                for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
                    let request = app.client.request(method.clone(), &path);
                    let answer = request.on_own_page(&session).answer().await;
                    assert!(!answer.headers.contains_key(header::SET_COOKIE), "{method} {path}");
                }
            }
        }
    }
    assert_eq!(app.database.dump().await, before);
    for case in cases.iter().filter(|case| !case.is_own) {
        case.request(&app).answer().await.expect(case.success);
    }
}
