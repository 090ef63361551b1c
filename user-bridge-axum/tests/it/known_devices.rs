//! A stranger who tries passwords keeps nobody out who is signed in, or was on the same browser: USER-04.

use reqwest::RequestBuilder;
use serde_json::json;

use crate::support::{
    ALICE, App, BOB, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, WRONG,
    client::CookieSession, on_both_databases,
};

on_both_databases!(
    user_04_a_stranger_keeps_nobody_who_is_signed_in_from_proving_the_password,
    user_04_whoever_is_signed_in_and_guesses_is_limited,
    user_04_a_browser_that_has_signed_in_before_has_tries_of_its_own,
    user_04_tries_on_a_known_device_are_limited_and_touch_no_other,
    user_04_a_mark_is_worth_nothing_for_another_account_or_another_password,
    user_04_after_a_reset_or_a_change_the_browser_is_known_by_the_new_password,
    user_04_the_mark_is_a_cookie_that_no_script_reads_and_signs_nobody_in,
);

/// A stranger has used up the tries of Alice's account.
async fn attack(app: &App) {
    for _ in 0..5 {
        app.client.log_in(ALICE, WRONG).answer().await.problem(401, "invalid_credentials");
    }
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(429, "too_many_requests");
}

fn log_in_on(app: &App, device: &str, password: &str) -> RequestBuilder {
    app.client.log_in_by("cookie", ALICE, password).header("cookie", device)
}

async fn user_04_a_stranger_keeps_nobody_who_is_signed_in_from_proving_the_password(plan: Plan) {
    let app = plan.start_with_alice().await;
    let mut bearer = app.client.bearer(ALICE).await;
    attack(&app).await;
    let again = app.client.reauthenticate(PASSWORD).bearer_auth(&bearer).answer().await;
    bearer = again.expect(200).text("/access_token");
    let change = app.client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&bearer);
    bearer = change.answer().await.expect(200).text("/access_token");
    let address = app.client.change_email("alice@new.test").bearer_auth(&bearer);
    address.answer().await.expect(202);
    app.client.log_in(ALICE, OTHER_PASSWORD).answer().await.problem(429, "too_many_requests");
    let remove = app.client.remove_account_with(OTHER_PASSWORD).bearer_auth(&bearer);
    remove.answer().await.expect(204);
}

async fn user_04_whoever_is_signed_in_and_guesses_is_limited(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    for _ in 0..5 {
        let wrong = app.client.reauthenticate(WRONG).bearer_auth(&bearer).answer().await;
        wrong.problem(422, "invalid");
    }
    for request in [
        app.client.reauthenticate(PASSWORD),
        app.client.change_password(PASSWORD, OTHER_PASSWORD),
        app.client.remove_account(),
    ] {
        let refused = request.bearer_auth(&bearer).answer().await;
        refused.problem(429, "too_many_requests");
        assert_eq!(refused.headers["retry-after"], "900");
    }
    // A stolen session keeps the owner from no login.
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    app.clock.advance(15 * MINUTE);
    app.client.reauthenticate(PASSWORD).bearer_auth(&bearer).answer().await.expect(200);
}

async fn user_04_a_browser_that_has_signed_in_before_has_tries_of_its_own(plan: Plan) {
    let app = plan.start_with_alice().await;
    let first = app.client.cookie_answer(ALICE, PASSWORD).await;
    let device = first.device();
    let session = CookieSession::of(&first);
    app.client.log_out().on_own_page(&session).answer().await.expect(204);
    attack(&app).await;
    log_in_on(&app, &device, WRONG).answer().await.problem(401, "invalid_credentials");
    let again = log_in_on(&app, &device, PASSWORD).answer().await.expect(200);
    assert_eq!(again.device(), device, "it is known as before");
    // The tries of others are not forgotten by that.
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(429, "too_many_requests");
}

async fn user_04_tries_on_a_known_device_are_limited_and_touch_no_other(plan: Plan) {
    let app = plan.start_with_alice().await;
    let one = app.client.cookie_answer(ALICE, PASSWORD).await.device();
    let other = app.client.cookie_answer(ALICE, PASSWORD).await.device();
    assert_ne!(one, other);
    app.hasher.take_counts();
    for _ in 0..5 {
        log_in_on(&app, &one, WRONG).answer().await.problem(401, "invalid_credentials");
    }
    for password in [WRONG, PASSWORD] {
        let refused = log_in_on(&app, &one, password).answer().await;
        refused.problem(429, "too_many_requests");
        assert_eq!(refused.headers["retry-after"], "900");
    }
    assert_eq!(app.hasher.take_counts(), (0, 5));
    log_in_on(&app, &other, PASSWORD).answer().await.expect(200);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    app.clock.advance(15 * MINUTE);
    log_in_on(&app, &one, PASSWORD).answer().await.expect(200);
}

async fn user_04_a_mark_is_worth_nothing_for_another_account_or_another_password(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    let of_bob = app.client.cookie_answer(BOB, PASSWORD).await.device();
    let of_alice = app.client.cookie_answer(ALICE, PASSWORD).await.device();
    let bearer = app.client.bearer(ALICE).await;
    let change = app.client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&bearer);
    change.answer().await.expect(200);
    attack_with(&app, OTHER_PASSWORD).await;
    let made_up = of_alice.replace("device=", "device=A");
    let nonsense = "__Host-session-device=nonsense".to_owned();
    let twice = format!("{of_alice}; {of_alice}");
    for device in [of_bob, of_alice, made_up, nonsense, twice] {
        let refused = log_in_on(&app, &device, OTHER_PASSWORD).answer().await;
        refused.problem(429, "too_many_requests");
    }
}

async fn attack_with(app: &App, right: &str) {
    for _ in 0..5 {
        app.client.log_in(ALICE, WRONG).answer().await.problem(401, "invalid_credentials");
    }
    app.client.log_in(ALICE, right).answer().await.problem(429, "too_many_requests");
}

async fn user_04_after_a_reset_or_a_change_the_browser_is_known_by_the_new_password(plan: Plan) {
    let app = plan.start_with_alice().await;
    let session = CookieSession::of(&app.client.cookie_answer(ALICE, PASSWORD).await);
    let change = app.client.change_password(PASSWORD, OTHER_PASSWORD).on_own_page(&session);
    let changed = change.answer().await.expect(200).device();
    attack_with(&app, OTHER_PASSWORD).await;
    log_in_on(&app, &changed, OTHER_PASSWORD).answer().await.expect(200);

    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let reset = app.client.reset(&app.mailer.token(ALICE), PASSWORD).answer().await;
    let reset = reset.expect(204).device();
    attack_with(&app, PASSWORD).await;
    log_in_on(&app, &reset, PASSWORD).answer().await.expect(200);
}

async fn user_04_the_mark_is_a_cookie_that_no_script_reads_and_signs_nobody_in(plan: Plan) {
    let app = plan.start_with_alice().await;
    let body = |remember: bool| {
        json!({
            "identifier": ALICE, "password": PASSWORD, "transport": "cookie", "remember": remember
        })
    };
    let log_in = async |remember| {
        let answer = app.client.post("/auth/login", &body(remember)).answer().await.expect(200);
        let cookies = answer.headers.get_all("set-cookie").iter();
        let cookies: Vec<_> = cookies.map(|cookie| cookie.to_str().unwrap().to_owned()).collect();
        assert_eq!(cookies.len(), 2, "{cookies:?}");
        let (_, attributes) = cookies[1].split_once("; ").unwrap();
        (answer.device(), attributes.to_owned())
    };
    let (device, attributes) = log_in(true).await;
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=31536000");
    let (_, attributes) = log_in(false).await;
    assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/");
    app.client.get("/account").header("cookie", &device).answer().await.expect(401);
    let value = device.split_once('=').unwrap().1;
    let (token, mac) = value.split_once('.').unwrap();
    let as_session = format!("__Host-session={token}");
    app.client.get("/account").header("cookie", as_session).answer().await.expect(401);
    for part in [token, mac] {
        assert!(!app.database.holds(part.as_bytes()).await);
    }
}
