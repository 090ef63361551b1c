//! Sessions: SES-02, -03, -04, -07 and -08.

use std::{collections::HashSet, time::Duration};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use dullahan_core::{Before, Error, Result};
use dullahan_user::{
    domain::{SessionPolicy, Settings},
    presentation::{
        event::transport::TouchSessionProcess,
        http::{CookieAttributes, HttpSettings, SameSite, SessionCookie},
    },
};
use http::{HeaderValue, Method, header};
use serde_json::{Value, json};

use crate::support::{
    ALICE, Answer, App, BOB, PASSWORD, Plan, Send as _, WRONG, client::CookieSession,
    on_both_databases,
};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

on_both_databases!(
    ses_01_a_login_ends_the_session_that_it_replaces_and_no_other,
    ses_02_no_token_is_in_the_database_and_none_is_there_twice,
    ses_03_after_a_logout_the_session_is_over_and_no_other_is,
    ses_04_an_unused_session_ends_after_a_day,
    ses_04_a_session_in_use_ends_after_thirty_days_all_the_same,
    ses_04_a_use_that_cannot_be_written_down_is_no_reason_to_refuse_the_user,
    ses_07_a_deactivated_user_is_out_at_once,
    ses_07_a_removed_user_is_out_at_once,
    ses_08_the_cookie_has_every_attribute_and_nobody_may_store_an_answer,
    an_invalid_bearer_never_falls_back_to_the_cookie,
    http_02_the_challenge_says_that_a_bearer_token_is_invalid,
    pub_12_a_cookie_whose_session_has_ended_is_cleared_by_a_logout,
    pub_24_the_cookie_has_the_attributes_of_the_settings,
    pub_25_a_session_can_end_with_the_window_of_the_browser,
    a_token_is_worth_nothing_in_the_other_transport,
    the_cookie_is_found_among_others_and_counts_only_once,
    a_session_shows_its_user_as_it_is_now,
    no_time_that_the_settings_say_is_too_long,
);

async fn app_with_alice(plan: Plan) -> App {
    let app = plan.start().await;
    app.add_user(ALICE).await;
    app
}

async fn expect_signed_out(app: &App, bearer: &str, cookie: &CookieSession) {
    let refused = app.client.account_of_bearer(bearer).answer().await;
    refused.problem(401, "unauthenticated");
    assert_eq!(app.client.log_out().bearer_auth(bearer).answer().await, refused);
    let of_cookie = app.client.account_of_cookie(cookie).answer().await;
    assert_eq!(of_cookie.headers[header::WWW_AUTHENTICATE], "Bearer");
    assert_eq!(of_cookie.without_challenge(), refused.without_challenge());
    app.client.log_out().on_own_page(cookie).answer().await.expect(204);
}

/// Whoever's it was; what the request says otherwise does not count.
async fn ses_01_a_login_ends_the_session_that_it_replaces_and_no_other(plan: Plan) {
    let app = app_with_alice(plan).await;
    app.add_user(BOB).await;
    let (other, bearer) = (app.client.cookie(ALICE).await, app.client.bearer(ALICE).await);
    let old = app.client.cookie(ALICE).await;
    let log_in = |email, transport: &str| app.client.log_in_by(transport, email, PASSWORD);
    let failed = app.client.log_in_by("cookie", ALICE, WRONG).header(header::COOKIE, &old.cookie);
    failed.answer().await.expect(401);
    log_in(ALICE, "bearer").header(header::COOKIE, &old.cookie).answer().await.expect(200);
    app.client.account_of_cookie(&old).answer().await.expect(200);

    let again = log_in(BOB, "cookie").header(header::COOKIE, &old.cookie).answer().await;
    let of_bob = CookieSession::of(&again.expect(200));
    app.client.account_of_cookie(&old).answer().await.problem(401, "unauthenticated");
    for alive in [&other, &of_bob] {
        app.client.account_of_cookie(alive).answer().await.expect(200);
    }
    log_in(ALICE, "bearer").bearer_auth(&bearer).answer().await.expect(200);
    app.client.account_of_bearer(&bearer).answer().await.problem(401, "unauthenticated");
}

async fn ses_02_no_token_is_in_the_database_and_none_is_there_twice(plan: Plan) {
    let app = plan.start().await;
    let mut tokens = HashSet::new();
    for i in 0..10 {
        let email = format!("user-{i}@x.test");
        let activation = app.register(&email).await;
        assert!(!app.database.holds(activation.as_bytes()).await);
        app.client.activate(&activation).answer().await.expect(204);
        tokens.insert(activation);
        for _ in 0..3 {
            tokens.insert(app.client.bearer(&email).await);
            let session = app.client.cookie(&email).await;
            tokens.insert(session.cookie.split_once('=').unwrap().1.to_owned());
            tokens.insert(session.csrf);
        }
    }
    assert_eq!(tokens.len(), 10 * (1 + 3 * 3));
    let dump = app.database.dump().await;
    for token in tokens {
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        assert!(bytes.len() * 8 >= 256);
        assert!(!app.database.holds(token.as_bytes()).await);
        assert!(!app.database.holds(&bytes).await);
        let hex: String = bytes.iter().map(|byte| format!("{byte:02X}")).collect();
        assert!(!dump.contains(&hex) && !dump.contains(&token));
    }
}

async fn ses_03_after_a_logout_the_session_is_over_and_no_other_is(plan: Plan) {
    let app = app_with_alice(plan).await;
    let (bearer, cookie) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let (other_bearer, other_cookie) =
        (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);

    let answer = app.client.log_out().bearer_auth(&bearer).answer().await.expect(204);
    assert!(!answer.headers.contains_key(header::SET_COOKIE));
    let answer = app.client.log_out().on_own_page(&cookie).answer().await.expect(204);
    assert_eq!(
        answer.headers[header::SET_COOKIE],
        "__Host-session=; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=0"
    );
    assert!(answer.body.is_empty());

    expect_signed_out(&app, &bearer, &cookie).await;
    app.client.account_of_bearer(&other_bearer).answer().await.expect(200);
    app.client.account_of_cookie(&other_cookie).answer().await.expect(200);
    assert_eq!(app.database.count("dullahan_sessions").await, 2);
}

async fn ses_04_an_unused_session_ends_after_a_day(plan: Plan) {
    let app = app_with_alice(plan).await;
    let (bearer, cookie) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    app.clock.advance(DAY - Duration::from_millis(1));
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.client.account_of_cookie(&cookie).answer().await.expect(200);
    app.clock.advance(DAY);
    expect_signed_out(&app, &bearer, &cookie).await;
}

async fn ses_04_a_session_in_use_ends_after_thirty_days_all_the_same(plan: Plan) {
    let app = app_with_alice(plan).await;
    let (bearer, cookie) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    for _ in 0..59 {
        app.clock.advance(DAY / 2);
        app.client.account_of_bearer(&bearer).answer().await.expect(200);
        app.client.account_of_cookie(&cookie).answer().await.expect(200);
    }
    app.clock.advance(DAY / 2 - Duration::from_millis(1));
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.client.account_of_cookie(&cookie).answer().await.expect(200);
    app.clock.advance(Duration::from_millis(1));
    expect_signed_out(&app, &bearer, &cookie).await;
}

#[tokio::test]
async fn ses_04_the_use_of_a_session_is_written_down_once_a_minute() {
    let app = app_with_alice(Plan::default()).await;
    let bearer = app.client.bearer(ALICE).await;
    let before = app.database.dump().await;
    app.clock.advance(MINUTE - Duration::from_millis(1));
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    assert_eq!(app.database.dump().await, before);
    app.clock.advance(Duration::from_millis(1));
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    let seen = "SELECT last_seen_at - created_at FROM dullahan_sessions";
    assert_eq!(app.database.number(seen).await, 60_000);
}

async fn ses_04_a_use_that_cannot_be_written_down_is_no_reason_to_refuse_the_user(plan: Plan) {
    let app = plan
        .with(|core| {
            core.event::<TouchSessionProcess>().before(
                |_: Before<'_, TouchSessionProcess>| -> Result<()> {
                    Err(Error::internal("nothing can be written"))
                },
            );
        })
        .start()
        .await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    app.clock.advance(HOUR);
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
}

async fn ses_07_a_deactivated_user_is_out_at_once(plan: Plan) {
    let app = app_with_alice(plan).await;
    let (bearer, cookie) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    for status in ["deactivated", "pending"] {
        app.database.execute(&format!("UPDATE dullahan_users SET status = '{status}'")).await;
        expect_signed_out(&app, &bearer, &cookie).await;
    }
}

async fn ses_07_a_removed_user_is_out_at_once(plan: Plan) {
    let app = app_with_alice(plan).await;
    let (bearer, cookie) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    app.database.execute("DELETE FROM dullahan_users").await;
    expect_signed_out(&app, &bearer, &cookie).await;
    for table in ["dullahan_sessions", "dullahan_one_time_tokens", "dullahan_owed_mails"] {
        assert_eq!(app.database.count(table).await, 0, "{table}");
    }
}

async fn ses_08_the_cookie_has_every_attribute_and_nobody_may_store_an_answer(plan: Plan) {
    let app = app_with_alice(plan).await;
    let answer = app.client.log_in_by("cookie", ALICE, PASSWORD).answer().await.expect(200);
    let cookies: Vec<_> = answer.headers.get_all(header::SET_COOKIE).iter().collect();
    // The other one is the mark of the device.
    assert_eq!(cookies.len(), 2);
    let (cookie, attributes) = cookies[0].to_str().unwrap().split_once("; ").unwrap();
    let (name, value) = cookie.split_once('=').unwrap();
    assert_eq!((name, value.len()), ("__Host-session", 43));
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000");

    let (bearer, cookie) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    for (request, status) in [
        (app.client.register("bob@x.test"), 202),
        (app.client.register_with("bob@x.test", "short"), 422),
        (app.client.activate("nonsense"), 422),
        (app.client.log_in_by("bearer", ALICE, PASSWORD), 200),
        (app.client.log_in_by("cookie", ALICE, PASSWORD), 200),
        (app.client.log_in_by("cookie", ALICE, ""), 401),
        (app.client.account_of_bearer(&bearer), 200),
        (app.client.account_of_cookie(&cookie), 200),
        (app.client.get("/account"), 401),
        (app.client.request(Method::HEAD, "/account").bearer_auth(&bearer), 200),
        (app.client.log_out().on_own_page(&cookie), 204),
        (app.client.log_out().bearer_auth(&bearer), 204),
        (app.client.get("/nowhere"), 404),
        (app.client.get("/auth/login"), 405),
    ] {
        let answer = request.answer().await.expect(status);
        assert_eq!(answer.headers[header::CACHE_CONTROL], "no-store");
    }
}

async fn http_02_the_challenge_says_that_a_bearer_token_is_invalid(plan: Plan) {
    let app = app_with_alice(plan).await;
    let ended = app.client.bearer(ALICE).await;
    app.client.log_out().bearer_auth(&ended).answer().await.expect(204);
    let hello = || app.client.to_application(http::Method::GET, "/hello");
    for request in [app.client.get("/account"), app.client.log_out(), hello()] {
        let without = request.try_clone().unwrap().answer().await;
        assert_eq!(without.headers[header::WWW_AUTHENTICATE], "Bearer");
        let basic = request.try_clone().unwrap().basic_auth(ALICE, Some(PASSWORD)).answer().await;
        assert_eq!(basic.headers[header::WWW_AUTHENTICATE], "Bearer");
        for token in ["A".repeat(43), "nonsense".to_owned(), ended.clone()] {
            let refused = request.try_clone().unwrap().bearer_auth(token).answer().await;
            refused.problem(401, "unauthenticated");
            let challenge = &refused.headers[header::WWW_AUTHENTICATE];
            assert_eq!(challenge, "Bearer error=\"invalid_token\"");
        }
    }
}

async fn pub_12_a_cookie_whose_session_has_ended_is_cleared_by_a_logout(plan: Plan) {
    let app = app_with_alice(plan).await;
    let session = app.client.cookie(ALICE).await;
    let first = app.client.log_out().on_own_page(&session).answer().await.expect(204);
    assert!(first.headers[header::SET_COOKIE].to_str().unwrap().ends_with("Max-Age=0"));
    assert_eq!(app.client.log_out().on_own_page(&session).answer().await, first);
    for cookie in ["__Host-session=nonsense", "__Host-session=a; __Host-session=b"] {
        let cookie = CookieSession { cookie: cookie.to_owned(), csrf: String::new() };
        assert_eq!(app.client.log_out().on_own_page(&cookie).answer().await, first);
    }
    // There is nothing to clear, or something that a cookie does not stand in for.
    app.client.log_out().answer().await.problem(401, "unauthenticated");
    let with_bearer = app.client.log_out().on_own_page(&session).bearer_auth("A".repeat(43));
    with_bearer.answer().await.problem(401, "unauthenticated");
    // A live session is still guarded.
    let live = app.client.cookie(ALICE).await;
    let forged = app.client.log_out().header(header::COOKIE, &live.cookie).answer().await;
    forged.problem(403, "foreign_origin");
    app.client.account_of_cookie(&live).answer().await.expect(200);
}

async fn pub_24_the_cookie_has_the_attributes_of_the_settings(plan: Plan) {
    let attributes = CookieAttributes {
        same_site: SameSite::None,
        domain: Some("x.test".to_owned()),
        is_secure: true,
    };
    let cookie = SessionCookie::new("__Secure-stable", attributes).unwrap();
    let http = HttpSettings { cookie, ..HttpSettings::default() };
    let app = app_with_alice(Plan { http, ..plan }).await;
    let answer = app.client.cookie_answer(ALICE, PASSWORD).await;
    let set = answer.headers[header::SET_COOKIE].to_str().unwrap();
    let attributes = "; HttpOnly; SameSite=None; Secure; Path=/; Domain=x.test; Max-Age=";
    assert!(set.starts_with("__Secure-stable=") && set.contains(attributes), "{set}");
    let session = CookieSession::of(&answer);
    app.client.account_of_cookie(&session).answer().await.expect(200);
    let cleared = app.client.log_out().on_own_page(&session).answer().await.expect(204);
    assert_eq!(
        cleared.headers[header::SET_COOKIE],
        "__Secure-stable=; HttpOnly; SameSite=None; Secure; Path=/; Domain=x.test; Max-Age=0"
    );
}

async fn pub_25_a_session_can_end_with_the_window_of_the_browser(plan: Plan) {
    let app = app_with_alice(plan).await;
    let log_in = |remember: Value| {
        let body = json!({
            "identifier": ALICE, "password": PASSWORD, "transport": "cookie", "remember": remember
        });
        app.client.post("/auth/login", &body)
    };
    let is_lasting = |answer: &Answer| {
        answer.headers[header::SET_COOKIE].to_str().unwrap().contains("; Max-Age=")
    };
    for remember in [true, false] {
        let answer = log_in(json!(remember)).answer().await.expect(200);
        assert_eq!(is_lasting(&answer), remember);
        let session = CookieSession::of(&answer);
        app.client.account_of_cookie(&session).answer().await.expect(200);
        // What takes its place lasts as long.
        let renewed = app.client.reauthenticate(PASSWORD).on_own_page(&session).answer().await;
        assert_eq!(is_lasting(&renewed.clone().expect(200)), remember);
        let renewed = CookieSession::of(&renewed);
        app.client.account_of_cookie(&session).answer().await.expect(401);
        app.client.account_of_cookie(&renewed).answer().await.expect(200);
        app.client.log_out().on_own_page(&renewed).answer().await.expect(204);
        app.client.account_of_cookie(&renewed).answer().await.expect(401);
    }
    log_in(json!("no")).answer().await.problem(422, "invalid");
    assert!(is_lasting(&app.client.cookie_answer(ALICE, PASSWORD).await));
}

async fn an_invalid_bearer_never_falls_back_to_the_cookie(plan: Plan) {
    let app = app_with_alice(plan).await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let over = app.client.bearer(ALICE).await;
    app.client.log_out().bearer_auth(&over).answer().await.expect(204);
    let refused = app.client.get("/account").answer().await.without_challenge();
    refused.problem(401, "unauthenticated");
    let token_of_cookie = session.cookie.split_once('=').unwrap().1;
    for authorization in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        &format!("Bearer {over}"),
        &format!("Bearer {}", "A".repeat(43)),
        &format!("Bearer {bearer}A"),
        &format!("Bearer {token_of_cookie}"),
        &format!("Basic {bearer}"),
        &format!("Bearer{bearer}"),
        &format!("Bearer={bearer}"),
        &bearer,
        "Basic YWxpY2VAeC50ZXN0OmNvcnJlY3QgaG9yc2UgYmF0dGVyeSBzdGFwbGU=",
    ] {
        let with_cookie = app.client.account_of_cookie(&session);
        let answer = with_cookie.header(header::AUTHORIZATION, authorization).answer().await;
        let is_bearer = authorization.split(' ').next() == Some("Bearer");
        let challenge = if is_bearer { "Bearer error=\"invalid_token\"" } else { "Bearer" };
        assert_eq!(answer.headers[header::WWW_AUTHENTICATE], challenge, "{authorization}");
        assert_eq!(answer.without_challenge(), refused, "{authorization}");
        let log_out = app.client.log_out().on_own_page(&session);
        let answer = log_out.header(header::AUTHORIZATION, authorization).answer().await;
        assert_eq!(answer.without_challenge(), refused, "{authorization}");
    }
    let twice = app.client.account_of_bearer(&bearer).bearer_auth(&bearer);
    assert_eq!(twice.answer().await.without_challenge(), refused, "two headers");
    app.client.account_of_cookie(&session).answer().await.expect(200);

    for scheme in ["bearer", "BEARER"] {
        let authorization = format!("{scheme} {bearer}");
        let request = app.client.get("/account").header(header::AUTHORIZATION, authorization);
        request.answer().await.expect(200);
    }
}

async fn a_token_is_worth_nothing_in_the_other_transport(plan: Plan) {
    let app = app_with_alice(plan).await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let as_cookie =
        CookieSession { cookie: format!("__Host-session={bearer}"), csrf: String::new() };
    app.client.account_of_cookie(&as_cookie).answer().await.problem(401, "unauthenticated");
    let as_bearer = session.cookie.split_once('=').unwrap().1;
    app.client.account_of_bearer(as_bearer).answer().await.problem(401, "unauthenticated");
    app.client.account_of_bearer(&session.csrf).answer().await.problem(401, "unauthenticated");
    let activation = app.register("bob@x.test").await;
    app.client.account_of_bearer(&activation).answer().await.problem(401, "unauthenticated");
}

async fn the_cookie_is_found_among_others_and_counts_only_once(plan: Plan) {
    let app = app_with_alice(plan).await;
    let session = app.client.cookie(ALICE).await;
    let get = |cookies: &[&str]| {
        let request = app.client.get("/account");
        cookies.iter().fold(request, |request, cookie| request.header(header::COOKIE, *cookie))
    };
    let cookie = session.cookie.as_str();
    for cookies in [
        vec![format!("theme=dark; {cookie}; a=b")],
        vec!["theme=dark".to_owned(), cookie.to_owned()],
        vec![format!("{cookie};")],
        vec![format!("session=nonsense; __host-session=nonsense; {cookie}")],
        vec![format!("\u{2000}__Host-session=nonsense; theme=\u{fc};\t{cookie} ; =; ;x")],
    ] {
        let cookies: Vec<_> = cookies.iter().map(String::as_str).collect();
        get(&cookies).answer().await.expect(200);
    }
    let other = HeaderValue::from_bytes(format!("theme=\u{fc}; {cookie}").as_bytes()).unwrap();
    app.client.get("/account").header(header::COOKIE, other).answer().await.expect(200);
    let other = HeaderValue::from_bytes(&[b"theme=\xff; ", cookie.as_bytes()].concat()).unwrap();
    app.client.get("/account").header(header::COOKIE, other).answer().await.expect(200);
    for cookies in [
        vec![format!("{cookie}; {cookie}")],
        vec![cookie.to_owned(), "__Host-session=nonsense".to_owned()],
        vec![cookie.replace("__Host-", "")],
        vec![cookie.replace("__Host-", "__Secure-")],
        vec![cookie.to_ascii_lowercase()],
        vec![format!("{cookie}A")],
        vec!["__Host-session=".to_owned()],
        vec!["__Host-session".to_owned()],
    ] {
        let cookies: Vec<_> = cookies.iter().map(String::as_str).collect();
        get(&cookies).answer().await.problem(401, "unauthenticated");
    }
}

async fn a_session_shows_its_user_as_it_is_now(plan: Plan) {
    let app = app_with_alice(plan).await;
    let bearer = app.client.bearer(ALICE).await;
    app.database.execute("UPDATE dullahan_users SET display_name = 'Alice Liddell'").await;
    let account = app.client.account_of_bearer(&bearer).answer().await.expect(200);
    assert_eq!(account.json()["display_name"], json!("Alice Liddell"));
}

async fn no_time_that_the_settings_say_is_too_long(plan: Plan) {
    const LONG: Duration = Duration::MAX;
    let settings = Settings {
        session_policy: SessionPolicy::default().with_idle(LONG).with_absolute(LONG),
        activation_lifetime: LONG,
        password_reset_lifetime: LONG,
        email_change_lifetime: LONG,
        activation_grace: LONG,
        mail_pause: LONG,
        mail_lease: LONG,
        sent_mail_retention: LONG,
        ..Settings::default()
    };
    let app = app_with_alice(Plan { settings, ..plan }).await;
    let (bearer, cookie) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.client.change_email("new@x.test").bearer_auth(&bearer).answer().await.expect(202);
    app.client.register(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    app.clock.advance(DAY * 365);
    app.users.users().purge().await.unwrap();
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.client.account_of_cookie(&cookie).answer().await.expect(200);
    app.client.get("/account/export").bearer_auth(&bearer).answer().await.expect(200);
}
