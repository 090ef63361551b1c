//! Logins: LOG-01, -02 and -07.

use serde_json::json;

use crate::support::{
    ALICE, App, OTHER_PASSWORD, PASSWORD, Plan, Send as _, WRONG, on_both_databases,
};

on_both_databases!(
    log_01_whatever_is_wrong_the_answer_is_the_same,
    log_01_what_is_wrong_with_the_account_is_told_only_after_the_right_password,
    log_02_every_login_costs_one_check_of_a_password,
    user_13_whoever_was_let_in_under_laxer_rules_signs_in_and_resets,
    user_13_a_hash_that_cannot_be_read_is_a_failed_login,
    log_07_a_fresh_database_lets_nobody_in,
    the_address_is_the_identifier_however_it_is_written,
    a_login_answers_as_its_transport_wants_it_and_never_both,
);

async fn app_with_all_sorts_of_users(plan: Plan) -> App {
    let app = plan.without_limit_of_passwords().start().await;
    for email in [ALICE, "deactivated@x.test", "without-password@x.test"] {
        app.add_user(email).await;
    }
    app.register("pending@x.test").await;
    app.database
        .execute(
            "UPDATE dullahan_users SET status = 'deactivated' WHERE email = 'deactivated@x.test';
             UPDATE dullahan_users SET password_hash = NULL WHERE email = 'without-password@x.test'",
        )
        .await;
    app.hasher.take_counts();
    app
}

async fn log_01_whatever_is_wrong_the_answer_is_the_same(plan: Plan) {
    let app = app_with_all_sorts_of_users(plan).await;
    let before = app.database.dump_without_attempts().await;
    let wrong = app.client.log_in(ALICE, WRONG).answer().await;
    assert_eq!(wrong.problem(401, "invalid_credentials"), [""; 0]);
    assert_eq!(wrong.headers["www-authenticate"], "Bearer");
    let oversized = "a".repeat(5000);
    for (identifier, password) in [
        ("nobody@x.test", PASSWORD),
        ("nobody@x.test", WRONG),
        ("pending@x.test", WRONG),
        ("deactivated@x.test", WRONG),
        ("without-password@x.test", PASSWORD),
        ("without-password@x.test", ""),
        (ALICE, ""),
        (ALICE, &oversized),
        ("nobody@x.test", &oversized),
        ("", PASSWORD),
        ("alice", PASSWORD),
        ("alice@x.test\0", PASSWORD),
        ("' OR 1=1 --", PASSWORD),
        ("%", PASSWORD),
        ("alice@*", PASSWORD),
    ] {
        for transport in ["bearer", "cookie"] {
            let answer = app.client.log_in_by(transport, identifier, password).answer().await;
            assert_eq!(answer, wrong, "{identifier}");
        }
    }
    assert_eq!(app.database.dump_without_attempts().await, before);
}

async fn log_01_what_is_wrong_with_the_account_is_told_only_after_the_right_password(plan: Plan) {
    let app = app_with_all_sorts_of_users(plan).await;
    let pending = app.client.log_in("pending@x.test", PASSWORD).answer().await;
    pending.problem(403, "not_activated");
    let deactivated = app.client.log_in("deactivated@x.test", PASSWORD).answer().await;
    deactivated.problem(403, "deactivated");
    assert_eq!(app.database.count("dullahan_sessions").await, 0);
}

async fn log_02_every_login_costs_one_check_of_a_password(plan: Plan) {
    let app = app_with_all_sorts_of_users(plan).await;
    for (identifier, password, status) in [
        (ALICE, PASSWORD, 200),
        (ALICE, WRONG, 401),
        (ALICE, "", 401),
        (ALICE, &"a".repeat(5000), 401),
        ("nobody@x.test", PASSWORD, 401),
        ("no address", PASSWORD, 401),
        ("", PASSWORD, 401),
        ("without-password@x.test", PASSWORD, 401),
        ("pending@x.test", PASSWORD, 403),
        ("pending@x.test", WRONG, 401),
        ("deactivated@x.test", PASSWORD, 403),
        ("deactivated@x.test", WRONG, 401),
    ] {
        app.client.log_in(identifier, password).answer().await.expect(status);
        assert_eq!(app.hasher.take_counts(), (0, 1), "{identifier}");
    }
}

async fn user_13_whoever_was_let_in_under_laxer_rules_signs_in_and_resets(plan: Plan) {
    let app = plan.start_with_alice().await;
    let laxer =
        "UPDATE dullahan_users SET email = 'Alice@localhost', email_key = 'alice@localhost'";
    app.database.execute(laxer).await;
    for identifier in ["Alice@localhost", " ALICE@LOCALHOST "] {
        app.client.log_in(identifier, PASSWORD).answer().await.expect(200);
    }
    app.client.forgot("alice@localhost").answer().await.expect(202);
    app.deliver_mails().await;
    let token = app.mailer.token("Alice@localhost");
    app.client.reset(&token, OTHER_PASSWORD).answer().await.expect(204);
    app.client.log_in("alice@localhost", OTHER_PASSWORD).answer().await.expect(200);
    // Nobody gets such an address any more.
    let refused = app.client.register("bob@localhost").answer().await;
    assert_eq!(refused.problem(422, "invalid"), ["/email invalid_email"]);
}

async fn user_13_a_hash_that_cannot_be_read_is_a_failed_login(plan: Plan) {
    let app = plan.without_limit_of_passwords().start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    for unreadable in [
        "pbkdf2_sha256$870000$c2FsdA$aGFzaA=",
        "",
        "$2b$12$abcdefghijklmnopqrstuv",
        "$argon2id$v=19$m=999999999,t=9,p=1$c2FsdHNhbHQ$aGFzaGhhc2hoYXNoaGFzaA",
    ] {
        let update = format!("UPDATE dullahan_users SET password_hash = '{unreadable}'");
        app.database.execute(&update).await;
        let nobody = app.client.log_in("nobody@x.test", PASSWORD).answer().await;
        assert_eq!(nobody.problem(401, "invalid_credentials"), [""; 0]);
        assert_eq!(app.client.log_in(ALICE, PASSWORD).answer().await, nobody, "{unreadable}");
        app.client.account_of_bearer(&bearer).answer().await.expect(200);
    }
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    app.client.reset(&app.mailer.token(ALICE), PASSWORD).answer().await.expect(204);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn log_07_a_fresh_database_lets_nobody_in(plan: Plan) {
    let app = plan.start().await;
    for table in
        ["dullahan_users", "dullahan_sessions", "dullahan_one_time_tokens", "dullahan_owed_mails"]
    {
        assert_eq!(app.database.count(table).await, 0, "{table}");
    }
    for (identifier, password) in [
        ("admin", "admin"),
        ("admin@x.test", "admin"),
        ("root@localhost", ""),
        ("admin@example.org", "password"),
        ("", ""),
    ] {
        let answer = app.client.log_in(identifier, password).answer().await;
        answer.problem(401, "invalid_credentials");
    }
}

async fn the_address_is_the_identifier_however_it_is_written(plan: Plan) {
    let app = plan.start().await;
    app.client.register("Zoë@Bücher.example").answer().await.expect(202);
    app.deliver_mails().await;
    let token = app.mailer.token("Zoë@xn--bcher-kva.example");
    app.client.activate(&token).answer().await.expect(204);
    for identifier in [
        "Zoë@Bücher.example",
        "zoë@bücher.EXAMPLE",
        "ZOë@xn--bcher-kva.example",
        "  Zoe\u{308}@B\u{fc}cher.example\n",
    ] {
        let answer = app.client.log_in(identifier, PASSWORD).answer().await.expect(200);
        assert_eq!(answer.text("/user/email"), "Zoë@xn--bcher-kva.example");
    }
    app.client.log_in("zoe@bücher.example", PASSWORD).answer().await.expect(401);
}

async fn a_login_answers_as_its_transport_wants_it_and_never_both(plan: Plan) {
    let app = plan.start().await;
    app.add_user(ALICE).await;
    let members = |answer: &crate::support::Answer| -> Vec<String> {
        let mut members: Vec<_> = answer.json().as_object().unwrap().keys().cloned().collect();
        members.sort_unstable();
        members
    };
    let bearer = app.client.log_in_by("bearer", ALICE, PASSWORD).answer().await.expect(200);
    assert_eq!(members(&bearer), ["access_token", "expires_in", "token_type", "transport", "user"]);
    assert!(!bearer.headers.contains_key("set-cookie"));
    assert_eq!(bearer.json()["token_type"], "Bearer");
    assert_eq!(bearer.json()["expires_in"], 30 * 24 * 3600);

    let cookie = app.client.log_in_by("cookie", ALICE, PASSWORD).answer().await.expect(200);
    assert_eq!(members(&cookie), ["csrf_token", "session", "transport", "user"]);
    assert_eq!(cookie.text("/session/expires_at"), "2026-01-31T12:00:00Z");
    let token = cookie.cookie().split_once('=').unwrap().1.to_owned();
    assert!(!cookie.body.contains(&token), "a script could read it");
    assert_eq!(bearer.json()["user"], cookie.json()["user"]);
    let account = app.client.account_of_bearer(&bearer.text("/access_token")).answer().await;
    assert_eq!(account.expect(200).json(), bearer.json()["user"]);
    assert_eq!(
        bearer.json()["user"],
        json!({
            "id": bearer.text("/user/id"), "email": ALICE, "display_name": null,
            "locale": null, "status": "active", "roles": [],
            "created_at": "2026-01-01T12:00:00Z"
        })
    );
}
