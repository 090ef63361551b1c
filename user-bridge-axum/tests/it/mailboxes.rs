//! How many mails a mailbox gets, whoever asks for them: USER-05 and PUB-29.

use std::time::Duration;

use dullahan_core::{Before, Result};
use dullahan_user::presentation::event::transport::OweMail;
use tokio::task::JoinSet;

use crate::support::{
    ALICE, App, BOB, DAY, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, on_both_databases,
};

const STRANGER: &str = "stranger@elsewhere.test";
const RESET: &str = "A new password for Stable";

on_both_databases!(
    user_05_changes_of_addresses_send_a_stranger_one_mail_in_five_minutes,
    user_05_whoever_holds_the_address_gets_no_more_mails_than_a_stranger,
    user_05_a_mailbox_gets_twenty_mails_a_day,
    user_05_a_mail_goes_out_once_the_token_of_the_last_one_is_void,
    user_05_who_comes_back_after_a_removal_gets_the_mail,
    user_05_notices_neither_count_nor_wait,
    user_05_requests_at_once_send_one_mail,
    pub_29_a_hundred_sub_addresses_are_one_mailbox,
    pub_29_a_listener_sees_the_mailbox_and_stops_the_mail,
);

/// Three accounts, each with a session.
async fn three_accounts(app: &App) -> Vec<String> {
    let mut sessions = Vec::new();
    for email in [ALICE, BOB, "carol@x.test"] {
        app.add_user(email).await;
        sessions.push(app.client.bearer(email).await);
    }
    app.mailer.clear();
    sessions
}

/// Asks for the address in turn, five times for each account.
async fn ask_for(app: &App, sessions: &[String], email: &str) {
    for _ in 0..5 {
        for bearer in sessions {
            app.client.change_email(email).bearer_auth(bearer).answer().await.expect(202);
            app.deliver_mails().await;
        }
    }
}

async fn user_05_changes_of_addresses_send_a_stranger_one_mail_in_five_minutes(plan: Plan) {
    let app = plan.start().await;
    let sessions = three_accounts(&app).await;
    ask_for(&app, &sessions, STRANGER).await;
    assert_eq!(app.mailer.to(STRANGER).len(), 1);
    // The mailboxes of the accounts get one for each change, as each voids the token before.
    assert_eq!(app.mailer.to(ALICE).len(), 5);
    // What is kept of it once the changes are gone names no address.
    app.database.execute("DELETE FROM dullahan_email_changes").await;
    assert!(!app.database.dump().await.contains(STRANGER));
    app.clock.advance(5 * MINUTE - Duration::from_millis(1));
    app.add_user("dave@x.test").await;
    let session = app.client.bearer("dave@x.test").await;
    ask_for(&app, &[session], STRANGER).await;
    assert_eq!(app.mailer.to(STRANGER).len(), 1);
    app.clock.advance(Duration::from_millis(1));
    app.add_user("erin@x.test").await;
    let session = app.client.bearer("erin@x.test").await;
    ask_for(&app, &[session], STRANGER).await;
    assert_eq!(app.mailer.to(STRANGER).len(), 2);
}

async fn user_05_whoever_holds_the_address_gets_no_more_mails_than_a_stranger(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(STRANGER).await;
    app.add_user(BOB).await;
    let sessions = [app.client.bearer(ALICE).await, app.client.bearer(BOB).await];
    app.mailer.clear();
    ask_for(&app, &sessions, STRANGER).await;
    assert_eq!(app.mailer.subjects(STRANGER), ["Your address at Stable"]);
}

async fn user_05_a_mailbox_gets_twenty_mails_a_day(plan: Plan) {
    let app = plan.start_with_alice().await;
    for _ in 0..30 {
        app.clock.advance(5 * MINUTE);
        for request in [app.client.forgot(ALICE), app.client.register(ALICE)] {
            request.answer().await.expect(202);
            app.deliver_mails().await;
        }
    }
    // The activation mail was one of them.
    assert_eq!(app.mailer.to(ALICE).len(), 20);
    app.add_user(BOB).await;
    app.clock.advance(DAY);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    assert_eq!(app.mailer.to(ALICE).len(), 21);
    app.client.reset(&app.mailer.token(ALICE), OTHER_PASSWORD).answer().await.expect(204);
}

async fn user_05_a_mail_goes_out_once_the_token_of_the_last_one_is_void(plan: Plan) {
    let app = plan.start_with_alice().await;
    let ask = async || {
        app.mailer.clear();
        app.client.forgot(ALICE).answer().await.expect(202);
        app.deliver_mails().await;
        app.mailer.subjects(ALICE).iter().filter(|subject| *subject == RESET).count()
    };
    assert_eq!(ask().await, 1);
    let token = app.mailer.token(ALICE);
    assert_eq!(ask().await, 0, "that one is still good");
    app.client.reset(&token, PASSWORD).answer().await.expect(204);
    assert_eq!(ask().await, 1, "after a reset");
    assert_eq!(ask().await, 0);
    let bearer = app.client.bearer(ALICE).await;
    let change = app.client.change_password(PASSWORD, PASSWORD).bearer_auth(&bearer);
    let bearer = change.answer().await.expect(200).text("/access_token");
    assert_eq!(ask().await, 1, "after a change of the password");
    app.client.change_email(STRANGER).bearer_auth(&bearer).answer().await.expect(202);
    assert_eq!(ask().await, 1, "after another address was asked for");
    let token = app.mailer.token(ALICE);
    assert_eq!(ask().await, 0);
    app.client.reset(&token, PASSWORD).answer().await.expect(204);
}

async fn user_05_who_comes_back_after_a_removal_gets_the_mail(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.client.remove_account().bearer_auth(&bearer).answer().await.expect(204);
    app.deliver_mails().await;
    app.mailer.clear();
    app.add_user(ALICE).await;
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn user_05_notices_neither_count_nor_wait(plan: Plan) {
    let app = plan.start_with_alice().await;
    let mut bearer = app.client.bearer(ALICE).await;
    app.mailer.clear();
    for _ in 0..25 {
        let change = app.client.change_password(PASSWORD, PASSWORD).bearer_auth(&bearer);
        bearer = change.answer().await.expect(200).text("/access_token");
        app.deliver_mails().await;
    }
    assert_eq!(app.mailer.to(ALICE).len(), 25);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    assert!(app.mailer.subjects(ALICE).iter().any(|subject| subject == RESET));
}

async fn user_05_requests_at_once_send_one_mail(plan: Plan) {
    let app = plan.start().await;
    let sessions = three_accounts(&app).await;
    let mut requests = JoinSet::new();
    for number in 0..12 {
        let change = app.client.change_email(&format!("stranger+{number}@elsewhere.test"));
        let change = change.bearer_auth(&sessions[number % 3]);
        requests.spawn(async move { change.answer().await.expect(202) });
    }
    requests.join_all().await;
    app.deliver_mails().await;
    let to_strangers = (0..12).map(|number| format!("stranger+{number}@elsewhere.test"));
    assert!(to_strangers.map(|email| app.mailer.to(&email).len()).sum::<usize>() <= 1);
}

async fn pub_29_a_hundred_sub_addresses_are_one_mailbox(plan: Plan) {
    let app = plan.start().await;
    for number in 1..=100 {
        let email = format!("victim+{number}@x.test");
        app.client.register(&email).answer().await.expect(202);
        if number % 10 == 0 {
            app.deliver_mails().await;
        }
    }
    app.deliver_mails().await;
    assert_eq!(app.mailer.count(), 1);
    // For uniqueness they are addresses of their own.
    app.clock.advance(5 * MINUTE);
    for email in ["victim+7@x.test", "victim+8@x.test"] {
        app.client.resend(email).answer().await.expect(202);
        app.deliver_mails().await;
        app.client.activate(&app.mailer.token(email)).answer().await.expect(204);
        app.clock.advance(5 * MINUTE);
    }
    for email in ["victim+7@x.test", "victim+8@x.test"] {
        app.client.log_in(email, PASSWORD).answer().await.expect(200);
    }
}

async fn pub_29_a_listener_sees_the_mailbox_and_stops_the_mail(plan: Plan) {
    let plan = plan.with(|core| {
        core.event::<OweMail>().before(|mut ev: Before<'_, OweMail>| -> Result<()> {
            if ev.mailbox().domain() == "elsewhere.test" {
                ev.respond(false);
            }
            Ok(())
        });
    });
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.client.register(STRANGER).answer().await.expect(202);
    app.client.change_email(STRANGER).bearer_auth(&bearer).answer().await.expect(202);
    app.deliver_mails().await;
    assert_eq!(app.mailer.to(STRANGER).len(), 0);
    assert_eq!(
        app.mailer.subjects(ALICE).last().unwrap(),
        "Another address for your account at Stable"
    );
}
