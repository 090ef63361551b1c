//! Made-up tokens are looked up so often and no more: USER-09.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use dullahan_core::{Before, Result};
use dullahan_user::{
    domain::{AttemptLimit, Settings},
    presentation::{event::transport::FindToken, http::HttpSettings},
};
use reqwest::RequestBuilder;
use tokio::task::JoinSet;

use crate::support::{
    ALICE, Answer, App, HOUR, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, on_both_databases,
};

on_both_databases!(
    user_09_made_up_session_tokens_are_limited_by_address,
    user_09_made_up_tokens_of_mails_are_limited_with_them,
    user_09_tokens_that_lead_somewhere_do_not_count,
    user_09_whoever_is_signed_in_goes_on_beside_made_up_tokens,
    user_09_a_flood_of_made_up_tokens_keeps_no_login_waiting,
);

/// So many failed look-ups a minute, and clients by `X-Forwarded-For`.
fn allowing(plan: Plan, look_ups: u32) -> Plan {
    let trusted_proxies = "127.0.0.1".parse().unwrap();
    let plan = Plan { http: HttpSettings { trusted_proxies, ..HttpSettings::default() }, ..plan };
    let limit = AttemptLimit::new(look_ups, MINUTE);
    plan.set(|Settings { limits, .. }| limits.by_address.failed_look_ups = Some(limit))
}

fn made_up(number: usize) -> String {
    format!("{number:A<43}")
}

#[track_caller]
fn expect_refused(answer: &Answer) {
    assert_eq!(answer.problem(429, "too_many_requests"), [""; 0]);
    assert_eq!(answer.headers["retry-after"], "60");
}

async fn user_09_made_up_session_tokens_are_limited_by_address(plan: Plan) {
    let app = allowing(plan, 6).start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let request = |i: usize| -> [RequestBuilder; 3] {
        let cookie = format!("__Host-session={}", made_up(i));
        [
            app.client.account_of_bearer(&made_up(i)),
            app.client.get("/auth/csrf").header("cookie", &cookie),
            app.client.to_application(http::Method::GET, "/hello").bearer_auth(made_up(i)),
        ]
    };
    for request in [10, 40].into_iter().flat_map(request) {
        request.answer().await.problem(401, "unauthenticated");
    }
    for request in request(70) {
        expect_refused(&request.answer().await);
    }
    // What is no token is not looked up.
    app.client.account_of_bearer("nonsense").answer().await.problem(401, "unauthenticated");
    app.client.get("/account").answer().await.problem(401, "unauthenticated");
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    let elsewhere = app.client.account_of_bearer(&bearer).header("x-forwarded-for", "192.0.2.1");
    elsewhere.answer().await.expect(200);
    app.clock.advance(MINUTE);
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
}

async fn user_09_made_up_tokens_of_mails_are_limited_with_them(plan: Plan) {
    let looked_up = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&looked_up);
    let plan = allowing(plan, 4).with(move |core| {
        core.event::<FindToken>().before(move |_: Before<'_, FindToken>| -> Result<()> {
            count.fetch_add(1, Ordering::SeqCst);
            Ok(())
        });
    });
    let app = plan.start().await;
    let requests = |app: &App| {
        [
            app.client.activate(&made_up(1)),
            app.client.reset(&made_up(2), OTHER_PASSWORD),
            app.client.confirm_email(&made_up(3)),
            app.client.cancel_email(&made_up(4)),
        ]
    };
    for request in requests(&app) {
        request.answer().await.problem(422, "token_invalid");
    }
    looked_up.store(0, Ordering::SeqCst);
    for request in requests(&app) {
        expect_refused(&request.answer().await);
    }
    expect_refused(&app.client.account_of_bearer(&made_up(5)).answer().await);
    assert_eq!(looked_up.load(Ordering::SeqCst), 0);
    // What is no token is not looked up.
    app.client.activate("nonsense").answer().await.problem(422, "token_invalid");
}

async fn user_09_tokens_that_lead_somewhere_do_not_count(plan: Plan) {
    let app = allowing(plan, 1).start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let session = app.client.cookie(ALICE).await;
    for _ in 0..20 {
        app.client.account_of_bearer(&bearer).answer().await.expect(200);
        app.client.account_of_cookie(&session).answer().await.expect(200);
    }
    app.client.account_of_bearer(&made_up(1)).answer().await.expect(401);
    expect_refused(&app.client.account_of_bearer(&made_up(1)).answer().await);
}

async fn user_09_whoever_is_signed_in_goes_on_beside_made_up_tokens(plan: Plan) {
    let app = allowing(plan, 2).start_with_alice().await;
    let (bearer, other) = (app.client.bearer(ALICE).await, app.client.bearer(ALICE).await);
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    for i in 0..2 {
        app.client.account_of_bearer(&made_up(i)).answer().await.expect(401);
    }
    for _ in 0..5 {
        app.client.account_of_bearer(&bearer).answer().await.expect(200);
        expect_refused(&app.client.account_of_bearer(&made_up(3)).answer().await);
    }
    // One that was not seen for long cannot be told from one that is made up.
    expect_refused(&app.client.account_of_bearer(&other).answer().await);
    app.client.log_out().bearer_auth(&bearer).answer().await.expect(204);
    app.client.account_of_bearer(&bearer).answer().await.expect(401);
    expect_refused(&app.client.account_of_bearer(&bearer).answer().await);
}

async fn user_09_a_flood_of_made_up_tokens_keeps_no_login_waiting(plan: Plan) {
    let app = allowing(plan, 10).start_with_alice().await;
    app.clock.advance(HOUR);
    let mut flood = JoinSet::new();
    for worker in 0..10 {
        let requests: Vec<_> =
            (0..30).map(|i| app.client.account_of_bearer(&made_up(30 * worker + i))).collect();
        flood.spawn(async move {
            let mut looked_up = 0;
            for request in requests {
                let answer = request.answer().await;
                assert!([401, 429].contains(&answer.status), "{answer:?}");
                looked_up += usize::from(answer.status == 401);
            }
            looked_up
        });
    }
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    let looked_up: usize = flood.join_all().await.into_iter().sum();
    // Of ten that are under way at once, nine may be looked up beside the tenth failure.
    assert!((10..20).contains(&looked_up), "{looked_up}");
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}
