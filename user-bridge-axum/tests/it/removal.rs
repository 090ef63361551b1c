//! An account is removed, or copied before: REM-01 and SES-07.

use dullahan_user::{domain::RemovalPolicy, presentation::event::transport::VerifyPassword};
use serde_json::json;

use crate::support::{
    ALICE, App, BOB, HOUR, OTHER_PASSWORD, PASSWORD, Plan, Send as _, gate::Gate, mailer::Trouble,
    on_both_databases,
};

on_both_databases!(
    user_11_a_removal_asks_for_the_password_and_tells_the_mailbox,
    user_11_a_last_mail_that_cannot_be_sent_yet_waits_for_the_transport,
    rem_01_what_remains_holds_nothing_personal,
    rem_01_where_nothing_is_to_remain_nothing_does,
    rem_01_afterwards_a_login_fails_like_any_other,
    rem_01_every_session_and_token_is_of_no_more_use,
    rem_01_no_session_begins_while_the_account_is_removed,
    rem_01_two_removals_at_once_are_one,
    rem_01_the_address_is_free_again,
    rem_01_the_copy_holds_what_is_kept_and_no_secret,
);

const REMOVED: &str = "Your account at Stable is removed";

async fn remove(app: &App, email: &str) {
    let session = app.client.cookie(email).await;
    let answer = app.client.remove_account().on_own_page(&session).answer().await.expect(204);
    assert!(answer.body.is_empty());
    let cookie = answer.headers["set-cookie"].to_str().unwrap();
    assert!(cookie.starts_with("__Host-session=;") && cookie.ends_with("Max-Age=0"), "{cookie}");
}

async fn alice_with_a_name(plan: Plan) -> App {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let body = json!({ "display_name": "Alice Liddell", "locale": "en-GB" });
    app.client.update_account(&body).bearer_auth(&bearer).answer().await.expect(200);
    app.client.change_email("alice@new.test").bearer_auth(&bearer).answer().await.expect(202);
    app
}

async fn user_11_a_removal_asks_for_the_password_and_tells_the_mailbox(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.mailer.clear();
    let before = app.database.dump_without_attempts().await;
    for (body, violation) in [
        (json!({}), "/password required"),
        (json!({ "password": OTHER_PASSWORD }), "/password wrong_password"),
    ] {
        let request = app.client.post("/account/removal", &body).bearer_auth(&bearer);
        assert_eq!(request.answer().await.problem(422, "invalid"), [violation]);
    }
    assert_eq!(app.database.dump_without_attempts().await, before);
    for _ in 0..4 {
        let wrong = json!({ "password": OTHER_PASSWORD });
        let request = app.client.post("/account/removal", &wrong).bearer_auth(&bearer);
        request.answer().await.expect(422);
    }
    let limited = app.client.remove_account().bearer_auth(&bearer).answer().await;
    limited.problem(429, "too_many_requests");
    app.clock.advance(HOUR / 4);
    app.client.remove_account().bearer_auth(&bearer).answer().await.expect(204);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [REMOVED]);
    assert_eq!(app.mailer.count(), 1);
}

async fn user_11_a_last_mail_that_cannot_be_sent_yet_waits_for_the_transport(plan: Plan) {
    for policy in [RemovalPolicy::Anonymise, RemovalPolicy::Erase] {
        let plan = Plan { database: plan.database.like_it(), ..Plan::default() };
        let app = plan.set(|settings| settings.removal = policy).start_with_alice().await;
        app.mailer.clear();
        remove(&app, ALICE).await;
        app.mailer.set(Trouble::Fails);
        app.deliver_mails().await;
        app.mailer.set(Trouble::None);
        app.clock.advance(HOUR);
        app.deliver_mails().await;
        assert_eq!(app.mailer.subjects(ALICE), [REMOVED]);
        assert!(!app.database.dump_without_attempts().await.contains(ALICE));
    }
}

async fn rem_01_what_remains_holds_nothing_personal(plan: Plan) {
    let app = alice_with_a_name(plan).await;
    app.add_user(BOB).await;
    let of_bob = app.client.bearer(BOB).await;
    remove(&app, ALICE).await;
    app.mailer.clear();
    app.deliver_mails().await;
    // The mails that were owed are gone, and the last one is kept no longer than it waits.
    assert_eq!(app.mailer.subjects(ALICE), [REMOVED]);
    assert_eq!(app.mailer.count(), 1);
    let dump = app.database.dump_without_attempts().await;
    for personal in [ALICE, "alice@new.test", "Liddell", "en-GB"] {
        assert!(!dump.contains(personal), "{personal}: {dump}");
    }
    let tombstones = "SELECT count(*) FROM dullahan_users WHERE password_hash IS NULL \
                      AND display_name IS NULL AND locale IS NULL AND status = 'deactivated' \
                      AND email LIKE '%@removed.invalid'";
    assert_eq!(app.database.number(tombstones).await, 1);
    for (table, of_others) in [
        ("dullahan_users", 2),
        ("dullahan_sessions", 1),
        // Bob was just activated.
        ("dullahan_one_time_tokens", 1),
        ("dullahan_email_changes", 0),
    ] {
        assert_eq!(app.database.count(table).await, of_others, "{table}");
    }
    app.client.account_of_bearer(&of_bob).answer().await.expect(200);
}

async fn rem_01_where_nothing_is_to_remain_nothing_does(plan: Plan) {
    let app = plan.set(|settings| settings.removal = RemovalPolicy::Erase);
    let app = alice_with_a_name(app).await;
    remove(&app, ALICE).await;
    app.mailer.clear();
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [REMOVED]);
    for table in [
        "dullahan_users",
        "dullahan_sessions",
        "dullahan_one_time_tokens",
        "dullahan_email_changes",
        "dullahan_owed_mails",
    ] {
        assert_eq!(app.database.count(table).await, 0, "{table}");
    }
}

async fn rem_01_afterwards_a_login_fails_like_any_other(plan: Plan) {
    let app = plan.start_with_alice().await;
    let tombstone = "SELECT email FROM dullahan_users";
    remove(&app, ALICE).await;
    app.deliver_mails().await;
    app.hasher.take_counts();
    let unknown = app.client.log_in("nobody@x.test", PASSWORD).answer().await;
    unknown.problem(401, "invalid_credentials");
    assert_eq!(app.client.log_in(ALICE, PASSWORD).answer().await, unknown);
    let tombstone = app.database.texts(tombstone).await.remove(0);
    assert_eq!(app.client.log_in(&tombstone, PASSWORD).answer().await, unknown);
    assert_eq!(app.client.log_in(&tombstone, "").answer().await, unknown);
    assert_eq!(app.hasher.take_counts(), (0, 4));
    app.mailer.clear();
    for email in [ALICE, &tombstone] {
        app.client.forgot(email).answer().await.expect(202);
        app.client.resend(email).answer().await.expect(202);
    }
    app.deliver_mails().await;
    assert_eq!(app.mailer.count(), 0);
}

async fn rem_01_every_session_and_token_is_of_no_more_use(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let reset = app.mailer.token(ALICE);
    app.client.change_email("alice@new.test").bearer_auth(&bearer).answer().await.expect(202);
    app.deliver_mails().await;
    let (current, new) = (app.mailer.token(ALICE), app.mailer.token("alice@new.test"));
    remove(&app, ALICE).await;
    app.client.account_of_bearer(&bearer).answer().await.problem(401, "unauthenticated");
    app.client.account_of_cookie(&session).answer().await.problem(401, "unauthenticated");
    app.client.reset(&reset, OTHER_PASSWORD).answer().await.problem(422, "token_invalid");
    for token in [&current, &new] {
        app.client.confirm_email(token).answer().await.problem(422, "token_invalid");
        app.client.cancel_email(token).answer().await.problem(422, "token_invalid");
    }
    app.client.remove_account().bearer_auth(&bearer).answer().await.problem(401, "unauthenticated");
}

async fn rem_01_no_session_begins_while_the_account_is_removed(plan: Plan) {
    let gate = Gate::default();
    let listener = gate.clone();
    let plan = plan.with(|core| {
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
}

async fn rem_01_two_removals_at_once_are_one(plan: Plan) {
    let app = plan.without_limit_of_passwords().start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let mut removals = tokio::task::JoinSet::new();
    for _ in 0..8 {
        let request = app.client.remove_account().bearer_auth(&bearer);
        removals.spawn(async move { request.answer().await.status });
    }
    let statuses = removals.join_all().await;
    assert!(statuses.contains(&204));
    assert!(statuses.iter().all(|status| [204, 401].contains(status)), "{statuses:?}");
    assert_eq!(app.database.count("dullahan_users").await, 1);
}

async fn rem_01_the_address_is_free_again(plan: Plan) {
    let app = plan.start_with_alice().await;
    let first = app.client.log_in(ALICE, PASSWORD).answer().await.text("/user/id");
    remove(&app, ALICE).await;
    app.clock.advance(HOUR);
    app.add_user(ALICE).await;
    let second = app.client.log_in(ALICE, PASSWORD).answer().await.text("/user/id");
    assert_ne!(first, second);
    remove(&app, ALICE).await;
    assert_eq!(app.database.count("dullahan_users").await, 2);
}

async fn rem_01_the_copy_holds_what_is_kept_and_no_secret(plan: Plan) {
    let app = alice_with_a_name(plan).await;
    app.add_user(BOB).await;
    let session = app.client.cookie(ALICE).await;
    app.client.get("/account/export").answer().await.problem(401, "unauthenticated");
    let export = app.client.get("/account/export").header("cookie", &session.cookie);
    let answer = export.answer().await.expect(200);
    assert_eq!(answer.headers["content-disposition"], "attachment; filename=\"account.json\"");
    assert_eq!(answer.headers["cache-control"], "no-store");
    let copy = answer.json();
    let mut members: Vec<_> = copy.as_object().unwrap().keys().collect();
    members.sort();
    assert_eq!(members, ["account", "email_change", "sessions"]);
    assert_eq!(
        copy["account"],
        json!({
            "id": copy["account"]["id"], "email": ALICE, "display_name": "Alice Liddell",
            "locale": "en-GB", "status": "active", "roles": [], "created_at": "2026-01-01T12:00:00Z",
            "activated_at": "2026-01-01T12:00:00Z"
        })
    );
    assert_eq!(copy["email_change"]["email"], "alice@new.test");
    assert_eq!(copy["sessions"].as_array().unwrap().len(), 2);
    for secret in ["argon2", session.token(), &session.csrf, "digest", "hash", BOB] {
        assert!(!answer.body.contains(secret), "{secret}");
    }
}
