//! A try that the service has failed does not count: OPS-03 and USER-09.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dullahan_core::{Before, Error, Event, Listener, Result};
use dullahan_user::presentation::{
    event::transport::{ForgetAttemptsProcess, OpenSessionProcess, RequestEmailChangeProcess},
    http::HttpSettings,
};

use tokio::task::JoinSet;

use crate::support::{ALICE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, WRONG, on_both_databases};

on_both_databases!(
    ops_03_a_password_that_was_verified_does_not_count_while_no_session_can_be_stored,
    ops_03_a_proof_that_was_verified_does_not_count_while_the_store_fails,
    ops_03_a_change_of_the_address_that_failed_does_not_count,
    user_09_a_try_that_the_server_has_dropped_does_not_count,
);

/// Fails, as long as a test wants it.
#[derive(Clone, Default)]
struct Failing(Arc<AtomicBool>);

impl Failing {
    fn set(&self, fails: bool) {
        self.0.store(fails, Ordering::SeqCst);
    }
}

impl<E: Event> Listener<Before<'_, E>> for Failing {
    async fn call(&self, _: Before<'_, E>) -> Result<()> {
        if self.0.load(Ordering::SeqCst) { Err(Error::internal("no space left")) } else { Ok(()) }
    }
}

async fn ops_03_a_password_that_was_verified_does_not_count_while_no_session_can_be_stored(
    plan: Plan,
) {
    let failing = Failing::default();
    let listener = failing.clone();
    let plan = plan.with(|core| {
        core.event::<OpenSessionProcess>().before(listener);
    });
    let app = plan.start_with_alice().await;
    failing.set(true);
    for _ in 0..12 {
        app.client.log_in(ALICE, PASSWORD).answer().await.internal_problem(500, "internal");
    }
    // Wrong ones count all the same.
    for _ in 0..4 {
        app.client.log_in(ALICE, WRONG).answer().await.problem(401, "invalid_credentials");
    }
    app.client.log_in(ALICE, PASSWORD).answer().await.internal_problem(500, "internal");
    failing.set(false);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    failing.set(true);
    for _ in 0..5 {
        app.client.log_in(ALICE, WRONG).answer().await.problem(401, "invalid_credentials");
    }
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(429, "too_many_requests");
}

async fn ops_03_a_proof_that_was_verified_does_not_count_while_the_store_fails(plan: Plan) {
    let failing = Failing::default();
    let listener = failing.clone();
    let plan = plan.with(|core| {
        core.event::<ForgetAttemptsProcess>().before(listener);
    });
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    failing.set(true);
    for _ in 0..6 {
        for request in [
            app.client.reauthenticate(PASSWORD),
            app.client.change_password(PASSWORD, OTHER_PASSWORD),
            app.client.remove_account(),
        ] {
            let answer = request.bearer_auth(&bearer).answer().await;
            answer.internal_problem(500, "internal");
        }
    }
    failing.set(false);
    app.client.reauthenticate(PASSWORD).bearer_auth(&bearer).answer().await.expect(200);
}

async fn ops_03_a_change_of_the_address_that_failed_does_not_count(plan: Plan) {
    let failing = Failing::default();
    let listener = failing.clone();
    let plan = plan.with(|core| {
        core.event::<RequestEmailChangeProcess>().before(listener);
    });
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    failing.set(true);
    let ask = || app.client.change_email("alice@new.test").bearer_auth(&bearer);
    for _ in 0..8 {
        ask().answer().await.internal_problem(500, "internal");
    }
    failing.set(false);
    for _ in 0..5 {
        ask().answer().await.expect(202);
    }
    ask().answer().await.problem(429, "too_many_requests");
}

async fn user_09_a_try_that_the_server_has_dropped_does_not_count(plan: Plan) {
    let time_limit = Duration::from_secs(1);
    let plan = Plan { http: HttpSettings { time_limit, ..HttpSettings::default() }, ..plan };
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.hasher.hold();
    for _ in 0..2 {
        let mut dropped = JoinSet::new();
        for _ in 0..5 {
            for request in [
                app.client.log_in(ALICE, PASSWORD),
                app.client.reauthenticate(PASSWORD).bearer_auth(&bearer),
            ] {
                dropped.spawn(async move { request.answer().await });
            }
        }
        for answer in dropped.join_all().await {
            answer.internal_problem(503, "deadline_exceeded");
        }
    }
    app.hasher.go_on();
    for _ in 0..5 {
        app.client.log_in(ALICE, WRONG).answer().await.problem(401, "invalid_credentials");
    }
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(429, "too_many_requests");
    app.client.reauthenticate(PASSWORD).bearer_auth(&bearer).answer().await.expect(200);
}
