//! Somebody registers an address before its owner does: REG-02, USER-02, USER-03 and USER-18.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use dullahan_core::{After, Before, Result};
use dullahan_user::presentation::event::transport::{CreateUserProcess, DropPendingUsers};
use reqwest::RequestBuilder;
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{
    ALICE, Answer, App, HOUR, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, on_both_databases,
};

/// What somebody chose who does not have the mailbox.
const MALLORYS: &str = "gravel umbrella 73 tundra kite";

/// What that somebody wants the mailbox to read.
const MALLORYS_NAME: &str = "Prize! Visit https://evil.example/win now";

const ACTIVATE: &str = "Activate your account at Stable";

on_both_databases!(
    reg_02_registering_again_gives_no_way_in,
    user_02_nothing_that_a_stranger_registered_survives_in_the_owners_account,
    user_03_whoever_registered_first_gets_in_nowhere_whenever_the_owner_registers,
    user_03_the_owners_own_registration_is_kept_whoever_else_registered,
    user_03_a_stranger_who_goes_on_registering_keeps_nobody_out,
    user_03_registrations_at_the_time_of_an_activation_take_nothing_back,
    user_18_an_activation_asks_for_the_password_or_another_one,
    user_18_the_mail_says_when_and_from_where_it_was_asked_for,
    user_18_by_setting_the_token_alone_activates,
    user_18_what_listeners_do_about_a_user_is_done_for_one_that_is_made_anew,
    reg_04_a_form_that_is_sent_twice_keeps_the_password,
    act_02_the_mail_once_more_activates_what_was_registered_last,
    log_01_a_pending_account_answers_like_nobody_unless_the_password_is_right,
    where_existence_is_no_secret_a_pre_hijacked_address_is_its_owners_too,
);

async fn reg_02_registering_again_gives_no_way_in(plan: Plan) {
    let app = plan.start().await;
    app.add_user(ALICE).await;
    app.clock.advance(MINUTE);
    let before = app.database.dump().await;
    let body = json!({
        "email": ALICE, "password": "another battery staple", "display_name": "Mallory"
    });
    let answer = app.client.post("/auth/registration", &body).answer().await.expect(202);
    assert_eq!(answer.body, r#"{"status":"pending"}"#);
    assert!(!answer.headers.contains_key("set-cookie"));
    app.deliver_mails().await;
    // Nothing is left of it but the mail to the owner, which is counted.
    let lines = |dump: &str| -> Vec<String> {
        let is_about_mails = |line: &&str| {
            line.starts_with("dullahan_owed_mails") || line.starts_with("dullahan_attempts")
        };
        dump.lines().filter(|line| !is_about_mails(line)).map(str::to_owned).collect()
    };
    assert_eq!(lines(&app.database.dump().await), lines(&before));
    expect_nobody(app.client.log_in(ALICE, "another battery staple").answer().await);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

fn mallory(app: &App) -> RequestBuilder {
    let body = json!({
        "email": ALICE, "password": MALLORYS, "display_name": MALLORYS_NAME, "locale": "tlh"
    });
    app.client.post("/auth/registration", &body)
}

#[track_caller]
fn expect_nobody(answer: Answer) {
    assert_eq!(answer.problem(401, "invalid_credentials"), [""; 0]);
}

/// The owner has the account and nobody else, with this password and nothing of a stranger's.
async fn expect_alices(app: &App, password: &str) {
    expect_nobody(app.client.log_in(ALICE, MALLORYS).answer().await);
    let answer = app.client.log_in(ALICE, password).answer().await.expect(200);
    assert_eq!(answer.json()["user"]["display_name"], json!(null));
    assert_eq!(answer.json()["user"]["locale"], json!(null));
    assert_eq!(app.database.count("dullahan_users").await, 1);
}

async fn user_02_nothing_that_a_stranger_registered_survives_in_the_owners_account(plan: Plan) {
    let app = plan.start().await;
    mallory(&app).answer().await.expect(202);
    app.deliver_mails().await;
    let token = app.mailer.token(ALICE);
    app.client.activate_anew(&token, PASSWORD).answer().await.expect(204);
    expect_alices(&app, PASSWORD).await;
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let mails = app.mailer.to(ALICE);
    assert_eq!(mails.len(), 2);
    for mail in mails {
        assert!(!mail.text.contains("evil") && !mail.subject.contains("evil"), "{}", mail.text);
    }
}

async fn user_03_whoever_registered_first_gets_in_nowhere_whenever_the_owner_registers(plan: Plan) {
    let app = plan.start().await;
    for (number, wait) in [MINUTE / 60, MINUTE / 2, MINUTE, HOUR].into_iter().enumerate() {
        let email = format!("alice{number}@x.test");
        app.client.register_with(&email, MALLORYS).answer().await.expect(202);
        app.deliver_mails().await;
        let first = app.mailer.token(&email);
        app.clock.advance(wait);
        app.client.register(&email).answer().await.expect(202);
        app.deliver_mails().await;
        // Whichever mail she follows.
        app.client.activate(&first).answer().await.expect(204);
        expect_nobody(app.client.log_in(&email, MALLORYS).answer().await);
        app.client.log_in(&email, PASSWORD).answer().await.expect(200);
    }
}

async fn user_03_the_owners_own_registration_is_kept_whoever_else_registered(plan: Plan) {
    let app = plan.start().await;
    mallory(&app).answer().await.expect(202);
    let body = json!({ "email": ALICE, "password": PASSWORD, "display_name": "Alice Liddell" });
    app.client.post("/auth/registration", &body).answer().await.expect(202);
    mallory(&app).answer().await.expect(202);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [ACTIVATE], "one for all three");
    app.client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    expect_nobody(app.client.log_in(ALICE, MALLORYS).answer().await);
    let answer = app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    assert_eq!(answer.text("/user/display_name"), "Alice Liddell");
    assert_eq!(app.database.count("dullahan_users").await, 1);
}

async fn user_03_a_stranger_who_goes_on_registering_keeps_nobody_out(plan: Plan) {
    let app = plan.start().await;
    let token = app.register(ALICE).await;
    for minutes in 1..=20 {
        app.clock.advance(MINUTE);
        mallory(&app).answer().await.expect(202);
        app.deliver_mails().await;
        assert_eq!(app.mailer.to(ALICE).len(), 1 + minutes / 5, "after {minutes} minutes");
    }
    app.client.activate(&token).answer().await.expect(204);
    mallory(&app).answer().await.expect(202);
    app.deliver_mails().await;
    expect_alices(&app, PASSWORD).await;
}

async fn user_03_registrations_at_the_time_of_an_activation_take_nothing_back(plan: Plan) {
    let app = plan.start().await;
    mallory(&app).answer().await.expect(202);
    app.deliver_mails().await;
    let token = app.mailer.token(ALICE);
    let mut requests = JoinSet::new();
    for i in 0..21 {
        let (request, status) = match i {
            10 => (app.client.activate_anew(&token, PASSWORD), 204),
            _ => (mallory(&app), 202),
        };
        requests.spawn(async move { request.answer().await.expect(status) });
    }
    requests.join_all().await;
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    app.deliver_mails().await;
    expect_alices(&app, PASSWORD).await;
}

async fn user_18_an_activation_asks_for_the_password_or_another_one(plan: Plan) {
    let app = plan.start().await;
    let token = app.register(ALICE).await;
    let activate = |body| app.client.post("/auth/activation", &body);
    for (body, violation) in [
        (json!({ "token": token }), "/password required"),
        (json!({ "token": token, "password": MALLORYS }), "/password wrong_password"),
        (json!({ "token": token, "password": "" }), "/password wrong_password"),
        (json!({ "token": token, "new_password": "short" }), "/new_password too_short"),
        (
            json!({ "token": token, "password": PASSWORD, "new_password": OTHER_PASSWORD }),
            "/new_password unknown_member",
        ),
    ] {
        let answer = activate(body.clone()).answer().await;
        assert_eq!(answer.problem(422, "invalid"), [violation], "{body}");
    }
    let unknown = app.client.activate(&"A".repeat(43)).answer().await;
    assert_eq!(unknown.problem(422, "token_invalid"), [""; 0]);
    // None of that has used the token up.
    app.client.activate(&token).answer().await.expect(204);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn user_18_the_mail_says_when_and_from_where_it_was_asked_for(plan: Plan) {
    let app = plan.start().await;
    let register = app.client.register(ALICE).header("User-Agent", "open https://evil.example");
    register.answer().await.expect(202);
    app.clock.advance(HOUR);
    app.deliver_mails().await;
    let text = app.mailer.to(ALICE)[0].text.clone();
    assert!(text.contains("That was on 2026-01-01 12:00 UTC, from 127.0.0.1."), "{text}");
    assert!(!text.contains("evil"), "{text}");
    // Whoever has shown the mailbox to be theirs need not be told.
    app.client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    assert!(!app.database.dump().await.contains("127.0.0.1"));
}

async fn user_18_by_setting_the_token_alone_activates(plan: Plan) {
    let app = plan.set(|settings| settings.password_at_activation = false).start().await;
    let token = app.register(ALICE).await;
    assert!(!app.mailer.to(ALICE)[0].text.contains("asked for the password"));
    app.client.post("/auth/activation", &json!({ "token": token })).answer().await.expect(204);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    // The owner of a mailbox may choose another one all the same.
    app.client.register_with("bob@x.test", MALLORYS).answer().await.expect(202);
    app.deliver_mails().await;
    let token = app.mailer.token("bob@x.test");
    app.client.activate_anew(&token, PASSWORD).answer().await.expect(204);
    app.client.log_in("bob@x.test", MALLORYS).answer().await.expect(401);
    app.client.log_in("bob@x.test", PASSWORD).answer().await.expect(200);
}

async fn user_18_what_listeners_do_about_a_user_is_done_for_one_that_is_made_anew(plan: Plan) {
    let (created, dropped) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
    let (creations, drops) = (Arc::clone(&created), Arc::clone(&dropped));
    let app = plan
        .with(move |core| {
            core.event::<CreateUserProcess>().before(
                |mut ev: Before<'_, CreateUserProcess>| -> Result<()> {
                    ev.user.display_name = Some("filled in".parse()?);
                    Ok(())
                },
            );
            core.event::<CreateUserProcess>().after(
                move |_: After<'_, CreateUserProcess>| -> Result<()> {
                    creations.fetch_add(1, Ordering::SeqCst);
                    Ok(())
                },
            );
            core.event::<DropPendingUsers>().before(
                move |_: Before<'_, DropPendingUsers>| -> Result<()> {
                    drops.fetch_add(1, Ordering::SeqCst);
                    Ok(())
                },
            );
        })
        .start()
        .await;
    mallory(&app).answer().await.expect(202);
    app.deliver_mails().await;
    app.client.activate_anew(&app.mailer.token(ALICE), PASSWORD).answer().await.expect(204);
    assert_eq!((created.load(Ordering::SeqCst), dropped.load(Ordering::SeqCst)), (2, 1));
    let answer = app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    assert_eq!(answer.text("/user/display_name"), "filled in");
}

async fn reg_04_a_form_that_is_sent_twice_keeps_the_password(plan: Plan) {
    let app = plan.start().await;
    for _ in 0..2 {
        app.client.register(ALICE).answer().await.expect(202);
        app.deliver_mails().await;
    }
    assert_eq!(app.mailer.subjects(ALICE), [ACTIVATE]);
    app.client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    expect_alices(&app, PASSWORD).await;
}

async fn act_02_the_mail_once_more_activates_what_was_registered_last(plan: Plan) {
    let app = plan.start().await;
    mallory(&app).answer().await.expect(202);
    app.clock.advance(MINUTE);
    app.client.register(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    app.clock.advance(HOUR);
    app.mailer.clear();
    let answer = app.client.resend(ALICE).answer().await.expect(202);
    assert_eq!(answer.json(), json!({ "status": "accepted" }));
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [ACTIVATE]);
    app.client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    expect_alices(&app, PASSWORD).await;
}

async fn log_01_a_pending_account_answers_like_nobody_unless_the_password_is_right(plan: Plan) {
    let app = plan.start().await;
    mallory(&app).answer().await.expect(202);
    app.clock.advance(MINUTE);
    app.client.register(ALICE).answer().await.expect(202);
    app.hasher.take_counts();
    let nobody = app.client.log_in("nobody@x.test", PASSWORD).answer().await;
    assert_eq!(app.client.log_in(ALICE, OTHER_PASSWORD).answer().await, nobody);
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(403, "not_activated");
    assert_eq!(app.hasher.take_counts(), (0, 3));
    expect_nobody(nobody);
}

async fn where_existence_is_no_secret_a_pre_hijacked_address_is_its_owners_too(plan: Plan) {
    let app = plan.set(|settings| settings.enumeration_protection = false).start().await;
    mallory(&app).answer().await.expect(201);
    app.deliver_mails().await;
    // Whoever has not proven the mailbox does not hold the address.
    app.client.register(ALICE).answer().await.expect(201);
    app.client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    app.deliver_mails().await;
    expect_alices(&app, PASSWORD).await;

    // Whoever is told that the address is taken needs no mail that says so.
    let mails = app.mailer.count();
    app.client.register(ALICE).answer().await.problem(409, "email_taken");
    app.deliver_mails().await;
    assert_eq!(app.mailer.count(), mails);
    assert_eq!(app.database.count("dullahan_users").await, 1);
}
