//! ERR-01: whatever fails, the answer says nothing, nothing half done is left, and the next request is served.

use std::time::Duration;

use dullahan_core::{After, Committed, Context, Error, Listener, Observe, Result, RolledBack};
use dullahan_user::presentation::event::transport::{
    ActivateUserProcess, CreateUserProcess, OpenSessionProcess, RegisterUserSaga,
};
use http::{HeaderValue, Method, StatusCode, header};

use crate::support::{
    ALICE, BOB, Course, PASSWORD, Plan, Send as _, on_both_databases, on_databases_in_turn,
    sabotage::{How, Place},
};

on_databases_in_turn!(
    err_01_an_error_before_any_default_action on on_sqlite and on_postgres,
    err_01_a_panic_before_any_default_action on on_postgres and on_sqlite,
    err_01_an_error_around_any_default_action_that_has_acted on on_sqlite and on_postgres,
    err_01_a_panic_around_any_default_action_that_has_acted on on_postgres and on_sqlite,
    err_01_an_error_after_any_default_action on on_sqlite and on_postgres,
    err_01_a_panic_after_any_default_action on on_postgres and on_sqlite,
    err_01_an_error_of_any_observer_changes_nothing on on_sqlite and on_postgres,
    err_01_a_panic_of_any_observer_changes_nothing on on_postgres and on_sqlite,
);

on_both_databases!(
    err_01_what_fails_once_everything_is_stored_changes_nothing,
    err_01_a_status_that_a_listener_chose_covers_no_failure_up,
    core_21_what_a_process_put_into_the_answer_is_undone_with_it,
    core_21_an_observer_changes_nothing_of_the_answer,
    err_01_without_the_database_nothing_is_told_and_nothing_breaks,
    err_01_a_store_that_holds_nonsense_is_an_internal_error_that_does_not_show_it,
);

async fn err_01_an_error_before_any_default_action(plan: Plan) {
    Course::run_for_every_event(plan, Place::Before, How::Error).await;
}

async fn err_01_a_panic_before_any_default_action(plan: Plan) {
    Course::run_for_every_event(plan, Place::Before, How::Panic).await;
}

async fn err_01_an_error_around_any_default_action_that_has_acted(plan: Plan) {
    Course::run_for_every_event(plan, Place::Wrap, How::Error).await;
}

async fn err_01_a_panic_around_any_default_action_that_has_acted(plan: Plan) {
    Course::run_for_every_event(plan, Place::Wrap, How::Panic).await;
}

async fn err_01_an_error_after_any_default_action(plan: Plan) {
    Course::run_for_every_event(plan, Place::After, How::Error).await;
}

async fn err_01_a_panic_after_any_default_action(plan: Plan) {
    Course::run_for_every_event(plan, Place::After, How::Panic).await;
}

async fn err_01_an_error_of_any_observer_changes_nothing(plan: Plan) {
    Course::run_for_every_event(plan, Place::Observe, How::Error).await;
}

async fn err_01_a_panic_of_any_observer_changes_nothing(plan: Plan) {
    Course::run_for_every_event(plan, Place::Observe, How::Panic).await;
}

/// Fails once everything is stored.
struct TooLate;

macro_rules! fails_too_late {
    ($($Event:ident)+) => {$(
        impl Listener<Committed<'_, $Event>> for TooLate {
            async fn call(&self, ev: Committed<'_, $Event>) -> Result<()> {
                assert_ne!(ev.chain().len(), 2, "this one panics, as any listener may");
                Err(Error::internal("too late"))
            }
        }
    )+};
}

fails_too_late!(CreateUserProcess ActivateUserProcess OpenSessionProcess);

async fn err_01_what_fails_once_everything_is_stored_changes_nothing(plan: Plan) {
    let app = plan
        .with(|core| {
            core.event::<CreateUserProcess>().committed(TooLate);
            core.event::<ActivateUserProcess>().committed(TooLate);
            core.event::<OpenSessionProcess>().committed(TooLate);
        })
        .start()
        .await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
}

async fn err_01_without_the_database_nothing_is_told_and_nothing_breaks(plan: Plan) {
    let app = plan.start().await;
    app.add_user(ALICE).await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let activation = app.register("bob@x.test").await;
    let requests = || {
        [
            app.client.register("carol@x.test"),
            app.client.activate(&activation),
            app.client.log_in(ALICE, PASSWORD),
            app.client.log_in("nobody@x.test", PASSWORD),
            app.client.account_of_bearer(&bearer),
            app.client.account_of_cookie(&session),
            app.client.log_out().on_own_page(&session),
            app.client.log_out().bearer_auth(&bearer),
        ]
    };

    // A table is gone: that is a defect.
    app.database.execute("ALTER TABLE dullahan_users RENAME TO hidden").await;
    for request in requests() {
        let line = request.answer().await.internal_problem(500, "internal");
        assert!(line.contains("dullahan_users"), "{line}");
    }
    app.database.execute("ALTER TABLE hidden RENAME TO dullahan_users").await;
    for (request, status) in requests().into_iter().zip([202, 204, 200, 401, 200, 200, 204, 204]) {
        request.answer().await.expect(status);
    }

    // The whole database is gone: that may pass.
    app.store.close().await;
    for request in requests() {
        let answer = request.answer().await;
        answer.internal_problem(503, "unavailable");
        assert_eq!(answer.headers["retry-after"], "1");
    }
    assert!(app.users.users().deliver_mail().await.is_err());
    app.client.get("/account").answer().await.problem(401, "unauthenticated");
    app.client.request(Method::PUT, "/account").answer().await.problem(405, "method_not_allowed");
}

async fn err_01_a_store_that_holds_nonsense_is_an_internal_error_that_does_not_show_it(plan: Plan) {
    let app = plan.start().await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    app.database.execute("UPDATE dullahan_users SET status = 'hunter2'").await;
    for request in [app.client.account_of_bearer(&bearer), app.client.log_in(ALICE, PASSWORD)] {
        let line = request.answer().await.internal_problem(500, "internal");
        assert!(line.contains("`status`") && !line.contains("hunter2"), "{line}");
    }
    app.database
        .execute("UPDATE dullahan_users SET status = 'active', password_hash = 'hunter2'")
        .await;
    // A hash that cannot be read is one that no password matches.
    let refused = app.client.log_in(ALICE, PASSWORD).answer().await;
    refused.problem(401, "invalid_credentials");
    app.database.execute("UPDATE dullahan_users SET password_hash = '$argon2id$v=19$m=4294967295,t=1,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4'").await;
    assert_eq!(app.client.log_in(ALICE, PASSWORD).answer().await, refused);
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
}

async fn err_01_a_status_that_a_listener_chose_covers_no_failure_up(plan: Plan) {
    let plan = plan.with(|core| {
        core.event::<CreateUserProcess>().after(|ev: After<'_, CreateUserProcess>| {
            ev.context().response(|head| head.status = Some(StatusCode::CREATED));
            let is_good = ev.output().email.as_str() == ALICE;
            if is_good { Ok(()) } else { Err(Error::internal("not this one")) }
        });
    });
    let app = plan.start().await;
    app.client.register(ALICE).answer().await.expect(201);
    app.client.register(BOB).answer().await.internal_problem(500, "internal");
}

fn set_cookie(context: &Context, cookie: &'static str) {
    let cookie = HeaderValue::from_static(cookie);
    context.response(|head| head.headers.append(header::SET_COOKIE, cookie));
}

async fn core_21_what_a_process_put_into_the_answer_is_undone_with_it(plan: Plan) {
    let plan = plan.with(|core| {
        core.event::<CreateUserProcess>()
            .after(|ev: After<'_, CreateUserProcess>| {
                set_cookie(ev.context(), "created=1");
                let is_good = ev.output().email.as_str() == ALICE;
                let later = || Error::unavailable("later").with_retry_after(Duration::from_secs(7));
                if is_good { Ok(()) } else { Err(later()) }
            })
            .rolled_back(|ev: RolledBack<'_, CreateUserProcess>| {
                let value = HeaderValue::from_static("full");
                ev.context().response(|head| head.headers.append("x-why", value));
                Ok(())
            });
    });
    let app = plan.start().await;
    let answer = app.client.register(ALICE).answer().await.expect(202);
    assert_eq!(answer.headers[header::SET_COOKIE], "created=1");
    let answer = app.client.register(BOB).answer().await;
    answer.internal_problem(503, "unavailable");
    assert!(!answer.headers.contains_key(header::SET_COOKIE), "{answer:?}");
    assert_eq!(answer.headers[header::RETRY_AFTER], "7", "the error carries it");
    assert_eq!(answer.headers["x-why"], "full", "it was put there once all was undone");
}

async fn core_21_an_observer_changes_nothing_of_the_answer(plan: Plan) {
    let plan = plan.with(|core| {
        core.event::<RegisterUserSaga>().observe(|ev: Observe<'_, RegisterUserSaga>| {
            set_cookie(ev.context(), "observed=1");
            ev.context().response(|head| head.status = Some(StatusCode::IM_A_TEAPOT));
            Ok(())
        });
    });
    let app = plan.start().await;
    let answer = app.client.register(ALICE).answer().await.expect(202);
    assert!(!answer.headers.contains_key(header::SET_COOKIE), "{answer:?}");
}
