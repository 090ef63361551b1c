//! A try that nobody has judged does not count: PWD-09 beside LOG-03 and LOG-06.

use dullahan_user::presentation::event::transport::VerifyPassword;
use reqwest::RequestBuilder;
use tokio::task::JoinSet;

use crate::support::{
    ALICE, App, HOUR, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, WRONG, gate::Gate,
    on_both_databases,
};

on_both_databases!(
    log_03_a_try_that_was_turned_away_does_not_count,
    log_03_a_try_that_was_refused_does_not_count_either,
    log_03_a_try_that_was_turned_away_is_given_back_to_its_own_time_only,
    log_06_of_fifty_guesses_at_once_at_a_busy_hasher_no_more_than_five_are_checked,
    log_06_whoever_goes_away_in_the_middle_of_a_check_has_had_the_try,
    pwd_09_a_hash_that_cannot_be_renewed_at_once_keeps_nobody_out,
);

/// Whatever asks for the password of Alice, who is signed in.
fn tries(app: &App, bearer: &str, password: &str) -> [RequestBuilder; 3] {
    [
        app.client.log_in(ALICE, password),
        app.client.reauthenticate(password).bearer_auth(bearer),
        app.client.change_password(password, OTHER_PASSWORD).bearer_auth(bearer),
    ]
}

async fn log_03_a_try_that_was_turned_away_does_not_count(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.hasher.turn_away(true);
    for _ in 0..4 {
        for request in tries(&app, &bearer, PASSWORD) {
            request.answer().await.internal_problem(503, "busy");
        }
    }
    app.hasher.turn_away(false);
    let wrong = app.client.log_in(ALICE, WRONG);
    wrong.answer().await.problem(401, "invalid_credentials");
    for request in tries(&app, &bearer, PASSWORD).into_iter().take(2) {
        request.answer().await.expect(200);
    }
}

async fn log_03_a_try_that_was_refused_does_not_count_either(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.hasher.hold();
    let mut held = JoinSet::new();
    for _ in 0..5 {
        let request = app.client.log_in(ALICE, PASSWORD);
        held.spawn(async move { request.answer().await });
    }
    app.hasher.wait_until_at_work(5).await;
    for _ in 0..20 {
        app.client.log_in(ALICE, PASSWORD).answer().await.problem(429, "too_many_requests");
    }
    app.hasher.turn_away(true);
    app.hasher.go_on();
    for answer in held.join_all().await {
        answer.internal_problem(503, "busy");
    }
    app.hasher.turn_away(false);
    for _ in 0..5 {
        app.client.log_in(ALICE, WRONG).answer().await.problem(401, "invalid_credentials");
    }
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(429, "too_many_requests");
}

async fn log_03_a_try_that_was_turned_away_is_given_back_to_its_own_time_only(plan: Plan) {
    let gate = Gate::default();
    let listener = gate.clone();
    let plan = plan.with(|core| {
        core.event::<VerifyPassword>().before(0, listener);
    });
    let app = plan.start_with_alice().await;
    gate.close();
    let early = app.client.log_in(ALICE, PASSWORD);
    let early = tokio::spawn(async move { early.answer().await });
    gate.wait_until_reached().await;
    // Counting begins anew before it is turned away.
    app.clock.advance(15 * MINUTE);
    for _ in 0..5 {
        app.client.log_in(ALICE, WRONG).answer().await.problem(401, "invalid_credentials");
    }
    app.hasher.turn_away(true);
    gate.open();
    early.await.unwrap().internal_problem(503, "busy");
    app.hasher.turn_away(false);
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(429, "too_many_requests");
}

async fn log_06_of_fifty_guesses_at_once_at_a_busy_hasher_no_more_than_five_are_checked(
    plan: Plan,
) {
    let plan = Plan { hasher: plan.hasher.with_places(2), ..plan };
    let app = plan.start_with_alice().await;
    app.hasher.take_counts();
    for _ in 0..4 {
        let mut guesses = JoinSet::new();
        for _ in 0..50 {
            let guess = app.client.log_in(ALICE, WRONG);
            guesses.spawn(async move { guess.answer().await.status });
        }
        let statuses = guesses.join_all().await;
        assert!(statuses.iter().all(|status| [401, 429, 503].contains(status)), "{statuses:?}");
    }
    assert_eq!(app.hasher.take_counts(), (0, 5));
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(429, "too_many_requests");
    app.clock.advance(HOUR);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn log_06_whoever_goes_away_in_the_middle_of_a_check_has_had_the_try(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.hasher.hold();
    let mut guesses = JoinSet::new();
    for _ in 0..5 {
        let guess = app.client.log_in(ALICE, WRONG);
        guesses.spawn(async move { guess.answer().await });
    }
    app.hasher.wait_until_at_work(5).await;
    guesses.shutdown().await;
    app.hasher.wait_until_at_work(0).await;
    app.hasher.go_on();
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(429, "too_many_requests");
}

async fn pwd_09_a_hash_that_cannot_be_renewed_at_once_keeps_nobody_out(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.age_the_hash().await;
    let old = app.database.password_hash(ALICE).await;
    app.hasher.turn_new_away(true);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    assert_eq!(app.database.password_hash(ALICE).await, old);
    app.hasher.turn_new_away(false);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    assert_ne!(app.database.password_hash(ALICE).await, old);
}
