//! Guessing is limited, by account and by client address: LOG-03, -04 and -06.

use std::time::Duration;

use dullahan_user::{
    domain::{AttemptLimit, Limits},
    presentation::http::HttpSettings,
};
use reqwest::RequestBuilder;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{
    ALICE, Answer, App, BOB, HOUR, MINUTE, PASSWORD, Plan, Send as _, WRONG, on_both_databases,
};

on_both_databases!(
    log_03_after_five_wrong_passwords_even_the_right_one_waits,
    log_03_the_limit_tells_nothing_about_an_account,
    log_03_the_right_password_resets_the_count,
    log_03_nobody_is_locked_out_who_is_signed_in,
    log_03_another_way_to_write_the_address_is_no_way_around,
    log_04_without_a_trusted_proxy_no_header_is_a_way_around,
    log_04_behind_a_trusted_proxy_each_client_counts_by_itself,
    log_04_whatever_needs_no_session_counts,
    log_04_an_address_that_asks_too_often_costs_no_hash_and_no_row,
    user_08_a_hundred_bad_activations_lock_no_login,
    user_08_failures_at_different_accounts_are_counted_by_address,
    log_06_of_fifty_guesses_at_once_no_more_than_five_are_checked,
);

/// The same request from another address.
fn from(request: RequestBuilder, address: &str) -> RequestBuilder {
    request.header("X-Forwarded-For", address)
}

/// An application behind a proxy on this machine.
fn behind_a_proxy(plan: Plan) -> Plan {
    let trusted_proxies = "127.0.0.1".parse().unwrap();
    Plan { http: HttpSettings { trusted_proxies, ..HttpSettings::default() }, ..plan }
}

#[track_caller]
fn expect_refused(answer: &Answer, retry_after: &str) {
    assert_eq!(answer.problem(429, "too_many_requests"), [""; 0]);
    assert_eq!(answer.headers["retry-after"], retry_after);
    assert!(!answer.headers.contains_key("set-cookie"));
}

async fn log_03_after_five_wrong_passwords_even_the_right_one_waits(plan: Plan) {
    let app = behind_a_proxy(plan).start_with_alice().await;
    app.hasher.take_counts();
    for i in 1..=5 {
        let guess = from(app.client.log_in(ALICE, WRONG), &format!("192.0.2.{i}"));
        guess.answer().await.problem(401, "invalid_credentials");
        app.clock.advance(MINUTE);
    }
    let sixth = || from(app.client.log_in(ALICE, PASSWORD), "192.0.2.6");
    expect_refused(&sixth().answer().await, "600");
    app.clock.advance(10 * MINUTE - Duration::from_millis(1));
    expect_refused(&sixth().answer().await, "1");
    assert_eq!(app.hasher.take_counts(), (0, 5));
    app.clock.advance(Duration::from_millis(1));
    sixth().answer().await.expect(200);
    let guesses = "SELECT count(*) FROM dullahan_attempts WHERE attempts > 1";
    assert_eq!(app.database.number(guesses).await, 0);
}

async fn log_03_the_limit_tells_nothing_about_an_account(plan: Plan) {
    let app = plan.start_with_alice().await;
    let guess = async |identifier: &str| {
        let mut answers = Vec::new();
        for _ in 0..6 {
            answers.push(app.client.log_in(identifier, WRONG).answer().await);
        }
        answers
    };
    let known = guess(ALICE).await;
    expect_refused(&known[5], "900");
    assert_eq!(guess("nobody@x.test").await, known);
    assert_eq!(guess("no address").await, known);
    let keys = app.database.dump().await;
    assert!(!keys.contains("nobody@x.test") && !keys.contains("no address"));
    app.client.log_in(BOB, WRONG).answer().await.problem(401, "invalid_credentials");
}

async fn log_03_the_right_password_resets_the_count(plan: Plan) {
    let app = plan.start_with_alice().await;
    for _ in 0..4 {
        for _ in 0..4 {
            app.client.log_in(ALICE, WRONG).answer().await.expect(401);
        }
        app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    }
}

async fn log_03_nobody_is_locked_out_who_is_signed_in(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    for _ in 0..10 {
        app.client.log_in(ALICE, WRONG).answer().await;
    }
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.client.account_of_cookie(&session).answer().await.expect(200);
    let body = json!({ "display_name": "Alice" });
    app.client.update_account(&body).bearer_auth(&bearer).answer().await.expect(200);
    assert_eq!(app.database.count("dullahan_sessions").await, 2);
}

async fn log_03_another_way_to_write_the_address_is_no_way_around(plan: Plan) {
    let app = plan.start_with_alice().await;
    for identifier in [ALICE, "ALICE@X.TEST", " alice@x.test", "Alice@x.Test\n", "aLICE@x.test"] {
        app.client.log_in(identifier, WRONG).answer().await.expect(401);
    }
    expect_refused(&app.client.log_in(ALICE, PASSWORD).answer().await, "900");
}

async fn log_04_without_a_trusted_proxy_no_header_is_a_way_around(plan: Plan) {
    let app = plan.limiting_addresses(5).start().await;
    for i in 0..5 {
        let guess = from(app.client.log_in(&format!("user-{i}@x.test"), WRONG), "192.0.2.1");
        guess.answer().await.problem(401, "invalid_credentials");
    }
    app.clock.advance(Duration::from_secs(48));
    for header in ["X-Forwarded-For", "X-Real-IP", "Forwarded", "X-Client-IP", "CF-Connecting-IP"] {
        let guess = app.client.log_in("user-9@x.test", WRONG).header(header, "192.0.2.7");
        expect_refused(&guess.answer().await, "12");
    }
    app.clock.advance(Duration::from_secs(12));
    app.client.log_in("user-9@x.test", WRONG).answer().await.problem(401, "invalid_credentials");
}

async fn log_04_behind_a_trusted_proxy_each_client_counts_by_itself(plan: Plan) {
    let app = behind_a_proxy(plan.limiting_addresses(3)).start().await;
    let guess = |i: usize, forwarded: &str| {
        from(app.client.log_in(&format!("user-{i}@x.test"), WRONG), forwarded)
    };
    for i in 0..3 {
        // What stands on the left is what the client says.
        let forwarded = format!("198.51.100.{i}, 192.0.2.1");
        guess(i, &forwarded).answer().await.problem(401, "invalid_credentials");
    }
    expect_refused(&guess(3, "198.51.100.9, 192.0.2.1").answer().await, "60");
    expect_refused(&guess(3, "192.0.2.1, 127.0.0.1").answer().await, "60");
    guess(3, "192.0.2.1, 192.0.2.2").answer().await.problem(401, "invalid_credentials");
}

/// Every request that needs no session. The last two are one action.
fn without_a_session(app: &App) -> Vec<RequestBuilder> {
    let token = "A".repeat(43);
    vec![
        app.client.register(BOB),
        app.client.activate(&token),
        app.client.resend(BOB),
        app.client.log_in(BOB, PASSWORD),
        app.client.forgot(BOB),
        app.client.reset(&token, PASSWORD),
        app.client.confirm_email(&token),
        app.client.cancel_email(&token),
    ]
}

async fn log_04_whatever_needs_no_session_counts(plan: Plan) {
    let app = behind_a_proxy(plan.limiting_addresses(1)).start().await;
    for (i, (first, second)) in
        without_a_session(&app).into_iter().zip(without_a_session(&app)).enumerate()
    {
        let address = format!("192.0.2.{i}");
        assert_ne!(from(first, &address).answer().await.status, 429, "request {i}");
        expect_refused(&from(second, &address).answer().await, "60");
    }
}

async fn log_04_an_address_that_asks_too_often_costs_no_hash_and_no_row(plan: Plan) {
    let app = plan.limiting_addresses(1).start().await;
    for request in without_a_session(&app).into_iter().take(7) {
        request.answer().await;
    }
    app.deliver_mails().await;
    app.hasher.take_counts();
    let before = app.database.dump().await;
    for request in without_a_session(&app) {
        expect_refused(&request.answer().await, "60");
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(app.database.dump().await, before);
}

async fn user_08_a_hundred_bad_activations_lock_no_login(plan: Plan) {
    let plan = plan.set(|settings| settings.limits = Limits::default());
    let app = plan.start_with_alice().await;
    let token = "A".repeat(43);
    let mut refused = 0;
    for _ in 0..100 {
        let answer = app.client.activate(&token).answer().await;
        assert!([422, 429].contains(&answer.status), "{answer:?}");
        refused += usize::from(answer.status == 429);
    }
    // Alice has had one of thirty.
    assert_eq!(refused, 71);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    app.client.forgot(ALICE).answer().await.expect(202);
    let bearer = app.client.bearer(ALICE).await;
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
}

/// One password for many accounts: each account's own limit never sees it.
async fn user_08_failures_at_different_accounts_are_counted_by_address(plan: Plan) {
    let failed_log_ins = Some(AttemptLimit::new(3, HOUR));
    let plan = behind_a_proxy(plan).set(|settings| {
        settings.limits.by_address.failed_log_ins = failed_log_ins;
    });
    let app = plan.start_with_alice().await;
    let guess = |identifier: &str, address| from(app.client.log_in(identifier, WRONG), address);
    let owner = app.client.log_in_by("cookie", ALICE, PASSWORD);
    let owner = from(owner, "192.0.2.1").answer().await.expect(200);
    for _ in 0..3 {
        // Of one account it is a slip, which counts once.
        guess("user-1@x.test", "192.0.2.1").answer().await.expect(401);
    }
    for identifier in ["user-2@x.test", "user-3@x.test"] {
        guess(identifier, "192.0.2.1").answer().await.expect(401);
    }
    app.hasher.take_counts();
    for password in [WRONG, PASSWORD] {
        let refused = from(app.client.log_in(ALICE, password), "192.0.2.1").answer().await;
        expect_refused(&refused, "3600");
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    from(app.client.log_in(ALICE, PASSWORD), "192.0.2.2").answer().await.expect(200);
    // A browser that has signed in to the account before guesses at no other.
    let known = from(app.client.log_in(ALICE, PASSWORD), "192.0.2.1");
    known.header("cookie", owner.device()).answer().await.expect(200);
    app.clock.advance(HOUR);
    guess("user-4@x.test", "192.0.2.1").answer().await.expect(401);
}

/// Logins have a count, and who is signed in has another.
async fn log_06_of_fifty_guesses_at_once_no_more_than_five_are_checked(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.hasher.take_counts();
    let mut guesses = JoinSet::new();
    for i in 0..50 {
        let guess = match i % 5 {
            0 => app.client.reauthenticate(WRONG).bearer_auth(&bearer),
            1 => app
                .client
                .change_password(WRONG, "ferret lamp umbrella cheese")
                .bearer_auth(&bearer),
            _ => app.client.log_in(ALICE, WRONG),
        };
        guesses.spawn(async move { guess.answer().await.status });
    }
    let statuses = guesses.join_all().await;
    let count = |status| statuses.iter().filter(|found| **found == status).count();
    assert_eq!((count(401), count(422), count(429)), (5, 5, 40), "{statuses:?}");
    assert_eq!(app.hasher.take_counts(), (0, 10));
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
}
