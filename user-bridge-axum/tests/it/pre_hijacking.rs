//! Somebody registers an address before its owner does: REG-02, RST-05 and LOG-01.

use std::time::Duration;

use reqwest::RequestBuilder;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{
    ALICE, Answer, App, HOUR, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, on_both_databases,
};

/// What somebody chose who does not have the mailbox.
const MALLORYS: &str = "gravel umbrella 73 tundra kite";

const ACTIVATE: &str = "Activate your account at Stable";
const COMPLETE: &str = "Complete your registration at Stable";

on_both_databases!(
    reg_02_registering_again_gives_no_way_in,
    reg_02_a_pre_hijacked_address_is_its_owners_in_the_end,
    reg_02_a_pre_hijacked_account_has_no_password_once_its_address_is_registered_again,
    reg_02_a_pre_hijacker_who_goes_on_registering_keeps_nobody_out,
    reg_02_a_pre_hijack_at_the_time_of_a_reset_takes_nothing_back,
    reg_02_registering_again_leaves_one_mail_where_none_was_sent_yet,
    reg_04_a_form_that_is_sent_twice_keeps_the_password,
    reg_02_without_grace_a_password_is_dropped_at_once,
    act_02_the_mail_once_more_lets_an_account_without_a_password_choose_one,
    log_01_a_pending_account_without_a_password_answers_like_nobody,
    where_existence_is_no_secret_a_pre_hijacked_address_is_its_owners_too,
);

async fn reg_02_registering_again_gives_no_way_in(plan: Plan) {
    let app = plan.start().await;
    app.add_user(ALICE).await;
    app.register("pending@x.test").await;
    app.clock.advance(MINUTE);
    let hash = app.database.password_hash("pending@x.test").await;
    let (in_file, on_server) = (format!("'{hash}'"), format!("\"{hash}\""));
    for taken in [ALICE, "pending@x.test"] {
        let before = app.database.dump().await;
        let body = json!({
            "email": taken, "password": "another battery staple", "display_name": "Mallory"
        });
        let answer = app.client.post("/auth/registration", &body).answer().await.expect(202);
        assert_eq!(answer.body, r#"{"status":"pending"}"#);
        assert!(!answer.headers.contains_key("set-cookie"));
        // Of whoever is pending the password goes, and nothing else.
        let lines = |dump: &str| -> Vec<String> {
            let of_others = dump.lines().filter(|line| !line.starts_with("dullahan_owed_mails"));
            of_others.map(|line| line.replace(&in_file, "NULL").replace(&on_server, "")).collect()
        };
        assert_eq!(lines(&app.database.dump().await), lines(&before));
        let refused = app.client.log_in(taken, "another battery staple").answer().await;
        refused.problem(401, "invalid_credentials");
    }
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

fn mallory(app: &App) -> RequestBuilder {
    app.client.register_with(ALICE, MALLORYS)
}

/// Mallory has registered Alice's address and then Alice has; gives the token of either mail.
async fn registered_by_both(app: &App) -> (String, String) {
    mallory(app).answer().await.expect(202);
    app.deliver_mails().await;
    let first = app.mailer.token(ALICE);
    app.clock.advance(MINUTE);
    app.client.register(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    (first, app.mailer.token(ALICE))
}

async fn has_password(app: &App) -> bool {
    let with = "SELECT count(*) FROM dullahan_users WHERE password_hash IS NOT NULL";
    app.database.number(with).await > 0
}

#[track_caller]
fn expect_nobody(answer: Answer) {
    assert_eq!(answer.problem(401, "invalid_credentials"), [""; 0]);
}

async fn reg_02_a_pre_hijacked_address_is_its_owners_in_the_end(plan: Plan) {
    let app = plan.start().await;
    let (first, second) = registered_by_both(&app).await;
    assert_eq!(app.mailer.subjects(ALICE), [ACTIVATE, COMPLETE]);
    // Whichever mail she follows.
    app.client.activate(&first).answer().await.expect(204);
    expect_nobody(app.client.log_in(ALICE, MALLORYS).answer().await);
    expect_nobody(app.client.log_in(ALICE, PASSWORD).answer().await);

    app.client.reset(&second, PASSWORD).answer().await.expect(204);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    expect_nobody(app.client.log_in(ALICE, MALLORYS).answer().await);
    assert_eq!(app.database.count("dullahan_users").await, 1);
}

async fn reg_02_a_pre_hijacked_account_has_no_password_once_its_address_is_registered_again(
    plan: Plan,
) {
    let app = plan.start().await;
    let (_, second) = registered_by_both(&app).await;
    assert!(!has_password(&app).await);
    // The token of this mail confirms no password but the one that is chosen with it.
    app.client.activate(&second).answer().await.problem(422, "token_invalid");
    app.client.reset(&second, PASSWORD).answer().await.expect(204);
    let status = "SELECT status FROM dullahan_users";
    assert_eq!(app.database.texts(status).await, ["active"]);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn reg_02_a_pre_hijacker_who_goes_on_registering_keeps_nobody_out(plan: Plan) {
    let app = plan.start().await;
    let (_, token) = registered_by_both(&app).await;
    for minutes in 1..=20 {
        app.clock.advance(MINUTE);
        mallory(&app).answer().await.expect(202);
        app.deliver_mails().await;
        assert_eq!(app.mailer.to(ALICE).len(), 2 + minutes / 5, "after {minutes} minutes");
    }
    app.client.reset(&token, PASSWORD).answer().await.expect(204);
    mallory(&app).answer().await.expect(202);
    app.deliver_mails().await;
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    expect_nobody(app.client.log_in(ALICE, MALLORYS).answer().await);
}

async fn reg_02_a_pre_hijack_at_the_time_of_a_reset_takes_nothing_back(plan: Plan) {
    let app = plan.start().await;
    let (_, token) = registered_by_both(&app).await;
    let mut requests = JoinSet::new();
    for i in 0..21 {
        let (request, status) = match i {
            10 => (app.client.reset(&token, PASSWORD), 204),
            _ => (mallory(&app), 202),
        };
        requests.spawn(async move { request.answer().await.expect(status) });
    }
    requests.join_all().await;
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn reg_02_registering_again_leaves_one_mail_where_none_was_sent_yet(plan: Plan) {
    let app = plan.start().await;
    mallory(&app).answer().await.expect(202);
    app.clock.advance(MINUTE);
    app.client.register(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [COMPLETE]);
    assert_eq!(app.database.count("dullahan_owed_mails").await, 1);
    app.client.reset(&app.mailer.token(ALICE), PASSWORD).answer().await.expect(204);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn reg_04_a_form_that_is_sent_twice_keeps_the_password(plan: Plan) {
    let app = plan.start().await;
    app.client.register(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    app.clock.advance(MINUTE - Duration::from_secs(1));
    app.client.register(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [ACTIVATE]);
    app.client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn reg_02_without_grace_a_password_is_dropped_at_once(plan: Plan) {
    let app = plan.set(|settings| settings.registration_grace = Duration::ZERO).start().await;
    mallory(&app).answer().await.expect(202);
    app.client.register(ALICE).answer().await.expect(202);
    assert!(!has_password(&app).await);
}

async fn act_02_the_mail_once_more_lets_an_account_without_a_password_choose_one(plan: Plan) {
    let app = plan.start().await;
    registered_by_both(&app).await;
    app.clock.advance(HOUR);
    app.mailer.clear();
    let answer = app.client.resend(ALICE).answer().await.expect(202);
    assert_eq!(answer.json(), json!({ "status": "accepted" }));
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [COMPLETE]);
    app.client.reset(&app.mailer.token(ALICE), OTHER_PASSWORD).answer().await.expect(204);
    app.client.log_in(ALICE, OTHER_PASSWORD).answer().await.expect(200);
}

async fn log_01_a_pending_account_without_a_password_answers_like_nobody(plan: Plan) {
    let app = plan.start().await;
    registered_by_both(&app).await;
    app.hasher.take_counts();
    let nobody = app.client.log_in("nobody@x.test", PASSWORD).answer().await;
    for password in [PASSWORD, MALLORYS] {
        assert_eq!(app.client.log_in(ALICE, password).answer().await, nobody);
    }
    assert_eq!(app.hasher.take_counts(), (0, 3));
    expect_nobody(nobody);
}

async fn where_existence_is_no_secret_a_pre_hijacked_address_is_its_owners_too(plan: Plan) {
    let app = plan.set(|settings| settings.enumeration_protection = false).start().await;
    mallory(&app).answer().await.expect(201);
    app.deliver_mails().await;
    let activation = app.mailer.token(ALICE);
    app.clock.advance(MINUTE);
    app.client.register(ALICE).answer().await.problem(409, "email_taken");
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [ACTIVATE, COMPLETE]);
    let token = app.mailer.token(ALICE);
    app.client.activate(&activation).answer().await.expect(204);
    expect_nobody(app.client.log_in(ALICE, MALLORYS).answer().await);
    app.client.reset(&token, PASSWORD).answer().await.expect(204);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);

    // Whoever is told that the address is taken needs no mail that says so.
    let mails = app.mailer.count();
    app.client.register(ALICE).answer().await.problem(409, "email_taken");
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE).iter().filter(|s| s.contains("already")).count(), 0);
    assert!(app.mailer.count() <= mails + 1, "that the password was changed");
}
