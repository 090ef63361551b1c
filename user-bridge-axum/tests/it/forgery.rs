//! Forged requests and methods: CSRF-01, -02, -03, -05 and -06.

use dullahan_user::presentation::http::HttpSettings;
use http::{Method, header};
use serde_json::json;

use crate::support::{
    ALICE, App, PASSWORD, Plan, Send as _, client::CookieSession, on_both_databases,
};

const PARTNER: &str = "https://partner.example";

on_both_databases!(
    csrf_01_a_cookie_alone_changes_nothing,
    csrf_01_a_bearer_token_needs_neither_page_nor_token,
    csrf_02_only_the_token_of_the_very_session_counts,
    csrf_02_the_token_of_a_session_is_of_no_use_after_the_next_login,
    csrf_03_what_a_form_can_send_is_not_taken,
    csrf_05_a_foreign_page_can_neither_register_nor_activate_nor_log_in,
    csrf_06_get_and_head_change_nothing,
    pub_11_a_handshake_of_another_protocol_is_judged_by_its_origin,
    pub_14_an_allowed_origin_is_one_however_it_is_written,
    pub_15_what_the_user_alone_can_have_caused_is_allowed_and_the_log_names_the_setting,
);

async fn app_with_partner(plan: Plan) -> App {
    let http =
        HttpSettings { allowed_origins: vec![PARTNER.parse().unwrap()], ..HttpSettings::default() };
    let app = Plan { http, ..plan }.start().await;
    app.add_user(ALICE).await;
    app
}

/// Headers by which a browser says that a request comes from a foreign page.
const FOREIGN: [&[(&str, &str)]; 14] = [
    &[("Sec-Fetch-Site", "cross-site")],
    &[("Sec-Fetch-Site", "same-site")],
    &[("Sec-Fetch-Site", "none"), ("Origin", "https://evil.example")],
    &[("Sec-Fetch-Site", "")],
    &[("Sec-Fetch-Site", "Same-Origin")],
    &[("Sec-Fetch-Site", "cross-site"), ("Sec-Fetch-Site", "same-origin")],
    &[("Sec-Fetch-Site", "cross-site"), ("Origin", "https://evil.example")],
    &[("Sec-Fetch-Site", "cross-site"), ("Referer", "https://partner.example/")],
    &[("Origin", "https://evil.example")],
    &[("Origin", "null")],
    &[("Origin", "https://partner.example"), ("Origin", "https://evil.example")],
    &[("Origin", "https://evil.example"), ("Referer", "https://partner.example/page")],
    &[("Referer", "https://evil.example/https://partner.example")],
    &[("Referer", "https://partner.example.evil.example/")],
];

/// Headers by which a browser says that a request comes from a page that may change something.
const OWN: [&[(&str, &str)]; 6] = [
    &[("Sec-Fetch-Site", "same-origin")],
    &[("Sec-Fetch-Site", "same-origin"), ("Origin", "https://app.example")],
    // The user has made it by the browser itself.
    &[("Sec-Fetch-Site", "none")],
    &[("Sec-Fetch-Site", "cross-site"), ("Origin", PARTNER)],
    &[("Origin", PARTNER)],
    &[("Referer", "https://partner.example/page?query")],
];

fn with(request: reqwest::RequestBuilder, headers: &[(&str, &str)]) -> reqwest::RequestBuilder {
    headers.iter().fold(request, |request, (name, value)| request.header(*name, *value))
}

fn log_out(app: &App, session: &CookieSession) -> reqwest::RequestBuilder {
    app.client.log_out().header(header::COOKIE, &session.cookie)
}

async fn csrf_01_a_cookie_alone_changes_nothing(plan: Plan) {
    let app = app_with_partner(plan).await;
    let session = app.client.cookie(ALICE).await;
    let before = app.database.dump().await;

    for own in OWN {
        let answer = with(log_out(&app, &session), own).answer().await;
        answer.problem(403, "csrf_token_invalid");
    }
    for foreign in FOREIGN {
        let with_token = log_out(&app, &session).header("X-CSRF-Token", &session.csrf);
        with(with_token, foreign).answer().await.problem(403, "foreign_origin");
        with(log_out(&app, &session), foreign).answer().await.problem(403, "foreign_origin");
    }
    let unsaid = log_out(&app, &session).header("X-CSRF-Token", &session.csrf);
    unsaid.answer().await.problem(403, "foreign_origin");
    log_out(&app, &session).answer().await.problem(403, "foreign_origin");
    assert_eq!(app.database.dump().await, before);
    app.client.account_of_cookie(&session).answer().await.expect(200);

    for own in OWN {
        let session = app.client.cookie(ALICE).await;
        let with_token = log_out(&app, &session).header("X-CSRF-Token", &session.csrf);
        with(with_token, own).answer().await.expect(204);
        app.client.account_of_cookie(&session).answer().await.expect(401);
    }
}

async fn csrf_01_a_bearer_token_needs_neither_page_nor_token(plan: Plan) {
    let app = app_with_partner(plan).await;
    let bearer = app.client.bearer(ALICE).await;
    app.client.log_out().bearer_auth(&bearer).answer().await.expect(204);
    let bearer = app.client.bearer(ALICE).await;
    let foreign = app.client.log_out().bearer_auth(&bearer).header("Sec-Fetch-Site", "cross-site");
    foreign.answer().await.problem(403, "foreign_origin");
}

async fn pub_11_a_handshake_of_another_protocol_is_judged_by_its_origin(plan: Plan) {
    let app = app_with_partner(plan).await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let handshake = |path: &str| {
        let request = app.client.to_application(Method::GET, path);
        let request = request.header("Connection", "Upgrade").header("Upgrade", "websocket");
        request.header("Sec-WebSocket-Version", "13")
    };
    for path in ["/hello", "/members", "/front"] {
        let with_cookie = || handshake(path).header(header::COOKIE, &session.cookie);
        for foreign in FOREIGN {
            with(with_cookie(), foreign).answer().await.problem(403, "foreign_origin");
        }
        with_cookie().answer().await.problem(403, "foreign_origin");
        for own in OWN {
            with(with_cookie(), own).answer().await.expect(200);
        }
        handshake(path).bearer_auth(&bearer).answer().await.expect(200);
    }
    // A layer for routes that anybody may use refuses foreign pages.
    let foreign = handshake("/comments").header("Origin", "https://evil.example");
    foreign.answer().await.problem(403, "foreign_origin");
    handshake("/comments").answer().await.expect(200);
}

async fn pub_14_an_allowed_origin_is_one_however_it_is_written(plan: Plan) {
    let allowed_origins = ["HTTPS://Partner.example:443/", "http://localhost:80"];
    let allowed_origins = allowed_origins.map(|origin| origin.parse().unwrap()).to_vec();
    let http = HttpSettings { allowed_origins, ..HttpSettings::default() };
    let app = Plan { http, ..plan }.start_with_alice().await;
    for origin in [PARTNER, "http://localhost"] {
        let log_in = app.client.log_in_by("cookie", ALICE, PASSWORD).header("Origin", origin);
        log_in.answer().await.expect(200);
    }
    for referer in ["https://partner.example:443/page", "HTTP://LOCALHOST/"] {
        let log_in = app.client.log_in_by("cookie", ALICE, PASSWORD).header("Referer", referer);
        log_in.answer().await.expect(200);
    }
}

async fn pub_15_what_the_user_alone_can_have_caused_is_allowed_and_the_log_names_the_setting(
    plan: Plan,
) {
    let app = app_with_partner(plan).await;
    let by_user = [("Sec-Fetch-Site", "none")];
    let log_in = with(app.client.log_in_by("cookie", ALICE, PASSWORD), &by_user);
    let session = CookieSession::of(&log_in.answer().await.expect(200));
    let without_token = with(log_out(&app, &session), &by_user);
    without_token.answer().await.problem(403, "csrf_token_invalid");
    // A page of the service over plain HTTP: its browser says nothing but the origin.
    let origin = format!("http://192.168.1.5:{}", app.address.port());
    let log_in = || app.client.log_in_by("cookie", ALICE, PASSWORD).header("Origin", &origin);
    log_in().answer().await.problem(403, "foreign_origin");
    let line = crate::support::log::last_line_with_all(&[&origin, "WARN"]).unwrap();
    assert!(line.contains("HttpSettings::allowed_origins"), "{line}");
    log_in().answer().await.problem(403, "foreign_origin");
    assert_eq!(
        crate::support::log::lines_with(&origin).iter().filter(|l| l.contains("WARN")).count(),
        1
    );
}

async fn csrf_02_only_the_token_of_the_very_session_counts(plan: Plan) {
    let app = app_with_partner(plan).await;
    let (session, other) = (app.client.cookie(ALICE).await, app.client.cookie(ALICE).await);
    app.add_user("bob@x.test").await;
    let foreign = app.client.cookie("bob@x.test").await;
    let before = app.database.dump().await;
    let attempt = |tokens: &[&str]| {
        let request = log_out(&app, &session).header("Sec-Fetch-Site", "same-origin");
        tokens.iter().fold(request, |request, token| request.header("X-CSRF-Token", *token))
    };
    let csrf = session.csrf.as_str();
    let flipped = format!("{}{}", if csrf.starts_with('A') { 'B' } else { 'A' }, &csrf[1..]);
    let cookie = session.cookie.split_once('=').unwrap().1;
    for wrong in [
        "",
        "nonsense",
        &flipped,
        &other.csrf,
        &foreign.csrf,
        cookie,
        &csrf[..csrf.len() - 1],
        &format!("{csrf}A"),
        &format!("{csrf}="),
        &csrf.to_ascii_uppercase(),
        &"A".repeat(43),
    ] {
        attempt(&[wrong]).answer().await.problem(403, "csrf_token_invalid");
    }
    attempt(&[csrf, csrf]).answer().await.problem(403, "csrf_token_invalid");
    assert_eq!(app.database.dump().await, before);
    attempt(&[csrf]).answer().await.expect(204);
}

async fn csrf_02_the_token_of_a_session_is_of_no_use_after_the_next_login(plan: Plan) {
    let app = app_with_partner(plan).await;
    let before = app.client.cookie(ALICE).await;
    let after = app.client.cookie(ALICE).await;
    let mixed = CookieSession { cookie: after.cookie, csrf: before.csrf };
    app.client.log_out().on_own_page(&mixed).answer().await.problem(403, "csrf_token_invalid");
}

async fn csrf_03_what_a_form_can_send_is_not_taken(plan: Plan) {
    let app = app_with_partner(plan).await;
    let session = app.client.cookie(ALICE).await;
    let activation = app.register("pending@x.test").await;
    app.hasher.take_counts();
    let before = app.database.dump().await;
    let bodies = [
        ("/auth/registration", json!({ "email": "bob@x.test", "password": PASSWORD })),
        ("/auth/activation", json!({ "token": activation, "password": PASSWORD })),
        (
            "/auth/login",
            json!({ "identifier": ALICE, "password": PASSWORD, "transport": "cookie" }),
        ),
        ("/auth/logout", json!({})),
    ];
    for (path, body) in bodies {
        let request = || {
            let request = app.client.request(Method::POST, path).body(body.to_string());
            request.on_own_page(&session)
        };
        request().answer().await.problem(415, "unsupported_media_type");
        for content_type in [
            "text/plain",
            "text/plain;application/json",
            "application/x-www-form-urlencoded",
            "multipart/form-data; boundary=b",
            "",
        ] {
            let answer = request().header(header::CONTENT_TYPE, content_type).answer().await;
            answer.problem(415, "unsupported_media_type");
        }
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(app.database.dump().await, before);
}

async fn csrf_05_a_foreign_page_can_neither_register_nor_activate_nor_log_in(plan: Plan) {
    let app = app_with_partner(plan).await;
    let activation = app.register("pending@x.test").await;
    app.hasher.take_counts();
    let before = app.database.dump().await;
    for foreign in FOREIGN {
        for request in [
            app.client.register("bob@x.test"),
            app.client.activate(&activation),
            app.client.log_in_by("cookie", ALICE, PASSWORD),
            app.client.log_in_by("bearer", ALICE, PASSWORD),
        ] {
            let answer = with(request, foreign).answer().await;
            answer.problem(403, "foreign_origin");
            assert!(!answer.headers.contains_key(header::SET_COOKIE), "{foreign:?}");
        }
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(app.database.dump().await, before);
    for own in OWN {
        let request = app.client.log_in_by("cookie", ALICE, PASSWORD);
        with(request, own).answer().await.expect(200);
    }
}

async fn csrf_06_get_and_head_change_nothing(plan: Plan) {
    let app = app_with_partner(plan).await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let activation = app.register("pending@x.test").await;
    let before = app.database.dump().await;
    let mut paths: Vec<String> =
        app.users.routes().iter().map(|route| route.path.to_owned()).collect();
    paths.extend([
        format!("/auth/activation?token={activation}"),
        format!("/auth/activation/{activation}"),
        format!(
            "/auth/login?identifier={ALICE}&password=correct+horse+battery+staple&transport=cookie"
        ),
        "/auth/logout?".to_owned(),
        "/account?email=mallory@x.test".to_owned(),
    ]);
    for path in &paths {
        for method in [Method::GET, Method::HEAD, Method::OPTIONS] {
            for request in [
                app.client.request(method.clone(), path),
                app.client.request(method.clone(), path).bearer_auth(&bearer),
                app.client.request(method.clone(), path).on_own_page(&session),
                app.client
                    .request(method.clone(), path)
                    .json(&json!({ "token": activation, "password": PASSWORD }))
                    .header("X-HTTP-Method-Override", "POST"),
            ] {
                let answer = request.answer().await;
                assert!(!answer.headers.contains_key(header::SET_COOKIE), "{method} {path}");
                assert_eq!(app.database.dump().await, before, "{method} {path}");
            }
        }
    }
    app.client.activate(&activation).answer().await.expect(204);
}
