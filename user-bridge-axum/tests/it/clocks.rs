//! Clocks that are set: PUB-06 and OPS-05. Nobody waits longer than a limit says, and nothing lives much longer.

use std::time::Duration;

use crate::support::{
    ALICE, DAY, HOUR, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, WRONG, mailer::Trouble,
    on_both_databases,
};

on_both_databases!(
    pub_06_a_clock_that_is_set_back_makes_no_client_wait_longer,
    ops_05_the_tries_of_an_account_are_limited_no_longer_than_the_limit_says,
    ops_05_mails_are_sent_when_the_clock_is_right_again,
    pub_06_a_session_of_a_clock_that_was_ahead_ends,
    pub_06_a_proof_of_a_clock_that_was_ahead_is_not_recent,
    pub_06_a_token_of_a_clock_that_was_ahead_is_void,
);

async fn pub_06_a_clock_that_is_set_back_makes_no_client_wait_longer(plan: Plan) {
    let app = plan.limiting_addresses(2).start().await;
    let activate = || app.client.activate(&"A".repeat(43));
    for ahead in [HOUR, 40 * DAY] {
        app.clock.set_ahead(ahead);
        for _ in 0..2 {
            activate().answer().await.problem(422, "token_invalid");
        }
        app.clock.set_ahead(Duration::ZERO);
        let refused = activate().answer().await;
        refused.problem(429, "too_many_requests");
        assert_eq!(refused.headers["retry-after"], "60");
        app.clock.advance(MINUTE);
    }
}

async fn ops_05_the_tries_of_an_account_are_limited_no_longer_than_the_limit_says(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.clock.set_ahead(40 * DAY);
    for _ in 0..5 {
        app.client.log_in(ALICE, WRONG).answer().await.problem(401, "invalid_credentials");
    }
    app.clock.set_ahead(Duration::ZERO);
    for wait in ["900", "840"] {
        let refused = app.client.log_in(ALICE, PASSWORD).answer().await;
        refused.problem(429, "too_many_requests");
        assert_eq!(refused.headers["retry-after"], wait);
        app.clock.advance(MINUTE);
    }
    app.clock.advance(13 * MINUTE);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn ops_05_mails_are_sent_when_the_clock_is_right_again(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.clock.set_ahead(40 * DAY);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.mailer.clear();
    app.mailer.set(Trouble::Fails);
    app.deliver_mails().await;
    assert!(app.mailer.to(ALICE).is_empty());
    app.mailer.set(Trouble::None);
    app.clock.set_ahead(Duration::ZERO);
    app.deliver_mails().await;
    app.client.reset(&app.mailer.token(ALICE), OTHER_PASSWORD).answer().await.expect(204);
}

async fn pub_06_a_session_of_a_clock_that_was_ahead_ends(plan: Plan) {
    let app = plan.start_with_alice().await;
    let right = app.client.bearer(ALICE).await;
    app.clock.set_ahead(40 * DAY);
    let ahead = app.client.bearer(ALICE).await;
    app.client.account_of_bearer(&ahead).answer().await.expect(200);
    app.clock.set_ahead(Duration::ZERO);
    app.client.account_of_bearer(&ahead).answer().await.problem(401, "unauthenticated");
    app.client.account_of_bearer(&right).answer().await.expect(200);

    // One that was only used by it goes on, and ends when it is not used any more.
    app.clock.set_ahead(20 * HOUR);
    app.client.account_of_bearer(&right).answer().await.expect(200);
    app.clock.set_ahead(Duration::ZERO);
    app.client.account_of_bearer(&right).answer().await.expect(200);
    app.clock.advance(DAY);
    app.client.account_of_bearer(&right).answer().await.problem(401, "unauthenticated");
}

async fn pub_06_a_proof_of_a_clock_that_was_ahead_is_not_recent(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.clock.set_ahead(HOUR);
    let bearer = app.client.bearer(ALICE).await;
    app.clock.set_ahead(Duration::ZERO);
    let change = app.client.change_email("alice@new.test").bearer_auth(&bearer).answer().await;
    change.problem(401, "reauthentication_required");
    let danger = app.client.to_application(http::Method::GET, "/danger").bearer_auth(&bearer);
    danger.answer().await.problem(401, "reauthentication_required");
    let again = app.client.reauthenticate(PASSWORD).bearer_auth(&bearer).answer().await;
    let bearer = again.expect(200).text("/access_token");
    let change = app.client.change_email("alice@new.test").bearer_auth(&bearer);
    change.answer().await.expect(202);
}

async fn pub_06_a_token_of_a_clock_that_was_ahead_is_void(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.clock.set_ahead(40 * DAY);
    let bearer = app.client.bearer(ALICE).await;
    app.client.change_email("alice@new.test").bearer_auth(&bearer).answer().await.expect(202);
    app.deliver_mails().await;
    let change = app.mailer.token("alice@new.test");
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let reset = app.mailer.token(ALICE);
    app.clock.set_ahead(Duration::ZERO);
    app.client.confirm_email(&change).answer().await.problem(422, "token_invalid");
    app.client.reset(&reset, OTHER_PASSWORD).answer().await.problem(422, "token_invalid");
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    // And the mails of that time keep another back for no longer than their pause, which begins now.
    for _ in 0..2 {
        app.client.forgot(ALICE).answer().await.expect(202);
        app.deliver_mails().await;
        app.clock.advance(5 * MINUTE);
    }
    app.client.reset(&app.mailer.token(ALICE), OTHER_PASSWORD).answer().await.expect(204);
}
