//! An account is closed for a while before it is removed: USER-11.

use std::sync::atomic::{AtomicBool, Ordering};

use dullahan_core::{Before, Error, ErrorKind, Result};
use dullahan_user::{
    domain::RemovalPolicy,
    presentation::event::transport::{
        CloseAccountProcess, RemoveUserProcess, ReopenAccountProcess, VerifyPassword,
    },
};
use tokio::task::JoinSet;

use crate::support::{
    ALICE, App, BOB, DAY, HOUR, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, WRONG,
    gate::Gate, on_both_databases,
};

const CLOSED: &str = "Your account at Stable is closed";
const REOPENED: &str = "Your account at Stable is open again";
const REMOVED: &str = "Your account at Stable is removed";

on_both_databases!(
    user_11_a_closed_account_answers_a_wrong_password_like_any_other,
    user_11_sessions_and_tokens_and_mails_end_with_the_closing,
    user_11_who_logs_in_again_has_the_account_back,
    user_11_who_forgot_the_password_comes_back_with_a_new_one,
    user_11_the_address_stays_taken,
    user_11_after_the_time_the_purge_removes_it_by_the_policy,
    user_11_too_late_is_too_late_also_before_the_purge,
    user_11_listeners_hear_of_it_and_can_keep_an_account_closed,
    user_11_a_removal_that_fails_keeps_no_other_from_being_removed,
    user_11_no_session_begins_while_the_account_is_closed,
    user_11_logins_at_once_open_it_once,
);

fn with_grace(plan: Plan) -> Plan {
    plan.set(|settings| settings.removal_grace = 30 * DAY)
}

async fn close(app: &App, email: &str) {
    let session = app.client.cookie(email).await;
    let answer = app.client.remove_account().on_own_page(&session).answer().await.expect(204);
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-session=;") && cookie.ends_with("Max-Age=0"), "{cookie}");
}

async fn status(app: &App) -> Vec<String> {
    app.database.texts("SELECT status FROM dullahan_users ORDER BY id").await
}

async fn user_11_a_closed_account_answers_a_wrong_password_like_any_other(plan: Plan) {
    let app = with_grace(plan).start_with_alice().await;
    close(&app, ALICE).await;
    assert_eq!(status(&app).await, ["closed"]);
    app.hasher.take_counts();
    let unknown = app.client.log_in("nobody@x.test", WRONG).answer().await;
    unknown.problem(401, "invalid_credentials");
    assert_eq!(app.client.log_in(ALICE, WRONG).answer().await, unknown);
    assert_eq!(app.hasher.take_counts(), (0, 2));
    assert_eq!(status(&app).await, ["closed"]);
}

async fn user_11_sessions_and_tokens_and_mails_end_with_the_closing(plan: Plan) {
    let app = with_grace(plan).start_with_alice().await;
    app.clock.advance(5 * MINUTE);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let reset = app.mailer.token(ALICE);
    let bearer = app.client.bearer(ALICE).await;
    app.client.change_email("alice@new.test").bearer_auth(&bearer).answer().await.expect(202);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.mailer.clear();
    close(&app, ALICE).await;
    app.client.account_of_bearer(&bearer).answer().await.problem(401, "unauthenticated");
    app.client.reset(&reset, OTHER_PASSWORD).answer().await.problem(422, "token_invalid");
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [CLOSED]);
    let text = app.mailer.to(ALICE).remove(0).text;
    assert!(text.contains("for good after 2026-01-31 12:05 UTC."), "{text}");
    assert_eq!(app.mailer.count(), 1);
    for table in ["dullahan_sessions", "dullahan_email_changes", "dullahan_mail_requests"] {
        assert_eq!(app.database.count(table).await, 0, "{table}");
    }
}

async fn user_11_who_logs_in_again_has_the_account_back(plan: Plan) {
    let app = with_grace(plan).start_with_alice().await;
    let id = app.client.log_in(ALICE, PASSWORD).answer().await.text("/user/id");
    app.mailer.clear();
    close(&app, ALICE).await;
    app.deliver_mails().await;
    app.clock.advance(30 * DAY - MINUTE);
    app.users.users().purge().await.unwrap();
    let answer = app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    assert_eq!((answer.text("/user/id"), answer.text("/user/status")), (id, "active".to_owned()));
    let bearer = answer.text("/access_token");
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [CLOSED, REOPENED]);
    app.clock.advance(HOUR);
    app.users.users().purge().await.unwrap();
    app.client.account_of_bearer(&bearer).answer().await.expect(200);

    // Nobody is told any more what is not true any more.
    app.mailer.clear();
    close(&app, ALICE).await;
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [REOPENED]);
}

async fn user_11_who_forgot_the_password_comes_back_with_a_new_one(plan: Plan) {
    let app = with_grace(plan).start_with_alice().await;
    close(&app, ALICE).await;
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    app.client.reset(&app.mailer.token(ALICE), OTHER_PASSWORD).answer().await.expect(204);
    assert_eq!(status(&app).await, ["closed"], "a reset signs nobody in");
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(401, "invalid_credentials");
    app.client.log_in(ALICE, OTHER_PASSWORD).answer().await.expect(200);
    assert_eq!(status(&app).await, ["active"]);
}

async fn user_11_the_address_stays_taken(plan: Plan) {
    let app = with_grace(plan).start_with_alice().await;
    app.add_user(BOB).await;
    close(&app, ALICE).await;
    app.mailer.clear();
    app.client.register_with(ALICE, OTHER_PASSWORD).answer().await.expect(202);
    app.client.resend(ALICE).answer().await.expect(202);
    let of_bob = app.client.bearer(BOB).await;
    app.client.change_email(ALICE).bearer_auth(&of_bob).answer().await.expect(202);
    app.deliver_mails().await;
    let subjects = app.mailer.subjects(ALICE);
    let expected = ["Your address at Stable", CLOSED, "You already have an account at Stable"];
    let mut expected = expected.map(str::to_owned);
    expected.sort();
    assert_eq!(subjects, expected);
    assert_eq!(app.database.count("dullahan_users").await, 2);
}

async fn user_11_after_the_time_the_purge_removes_it_by_the_policy(plan: Plan) {
    for policy in [RemovalPolicy::Anonymise, RemovalPolicy::Erase] {
        let plan = Plan { database: plan.database.like_it(), ..Plan::default() };
        let plan = with_grace(plan).set(|settings| settings.removal = policy);
        let app = plan.start_with_alice().await;
        app.add_user(BOB).await;
        close(&app, ALICE).await;
        app.deliver_mails().await;
        app.mailer.clear();
        app.clock.advance(30 * DAY);
        assert!(app.users.users().purge().await.unwrap() > 0);
        app.deliver_mails().await;
        assert_eq!(app.mailer.subjects(ALICE), [REMOVED]);
        assert!(!app.database.dump_without_attempts().await.contains(ALICE));
        let left = if policy == RemovalPolicy::Erase { 1 } else { 2 };
        assert_eq!(app.database.count("dullahan_users").await, left);
        app.client.log_in(ALICE, PASSWORD).answer().await.problem(401, "invalid_credentials");
        app.add_user(ALICE).await;
        app.client.bearer(BOB).await;
    }
}

async fn user_11_too_late_is_too_late_also_before_the_purge(plan: Plan) {
    let app = with_grace(plan).start_with_alice().await;
    close(&app, ALICE).await;
    app.clock.advance(30 * DAY);
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(401, "invalid_credentials");
    assert_eq!(status(&app).await, ["closed"]);
}

async fn user_11_listeners_hear_of_it_and_can_keep_an_account_closed(plan: Plan) {
    let plan = with_grace(plan).with(|core| {
        core.event::<CloseAccountProcess>().before(
            |mut ev: Before<'_, CloseAccountProcess>| -> Result<()> {
                ev.until -= 29 * DAY;
                Ok(())
            },
        );
        core.event::<ReopenAccountProcess>().before(
            |_: Before<'_, ReopenAccountProcess>| -> Result<()> {
                Err(Error::new(ErrorKind::Forbidden).with_code("ask_support"))
            },
        );
    });
    let app = plan.start_with_alice().await;
    close(&app, ALICE).await;
    app.client.log_in(ALICE, WRONG).answer().await.problem(401, "invalid_credentials");
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(403, "ask_support");
    assert_eq!(status(&app).await, ["closed"]);
    app.clock.advance(DAY);
    app.users.users().purge().await.unwrap();
    assert_eq!(status(&app).await, ["deactivated"]);
}

async fn user_11_a_removal_that_fails_keeps_no_other_from_being_removed(plan: Plan) {
    let plan = with_grace(plan).with(|core| {
        let has_failed = AtomicBool::new(false);
        core.event::<RemoveUserProcess>().before(
            move |_: Before<'_, RemoveUserProcess>| -> Result<()> {
                let is_first = !has_failed.swap(true, Ordering::SeqCst);
                if is_first { Err(Error::internal("not now")) } else { Ok(()) }
            },
        );
    });
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    close(&app, ALICE).await;
    close(&app, BOB).await;
    app.clock.advance(31 * DAY);
    app.users.users().purge().await.unwrap();
    assert_eq!(status(&app).await, ["deactivated"; 2], "the other one is tried again");
}

async fn user_11_no_session_begins_while_the_account_is_closed(plan: Plan) {
    let gate = Gate::default();
    let listener = gate.clone();
    let plan = with_grace(plan).with(|core| {
        core.event::<VerifyPassword>().after(listener);
    });
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    gate.close();
    let login = app.client.log_in(ALICE, PASSWORD);
    let login = tokio::spawn(async move { login.answer().await });
    gate.wait_until_reached().await;
    app.client.remove_account().bearer_auth(&bearer).answer().await.expect(204);
    gate.open();
    login.await.unwrap().problem(401, "invalid_credentials");
    assert_eq!(app.database.count("dullahan_sessions").await, 0);
    assert_eq!(status(&app).await, ["closed"]);
}

async fn user_11_logins_at_once_open_it_once(plan: Plan) {
    let app = with_grace(plan).without_limit_of_passwords().start_with_alice().await;
    close(&app, ALICE).await;
    app.mailer.clear();
    let mut logins = JoinSet::new();
    for _ in 0..8 {
        let login = app.client.log_in(ALICE, PASSWORD);
        logins.spawn(async move { login.answer().await.status });
    }
    let statuses = logins.join_all().await;
    assert_eq!(statuses, [200; 8]);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [REOPENED]);
}
