//! Activation: what RST-02 and RST-03 ask of one-time tokens, and ACT.

use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use dullahan_core::{Committed, Result};
use dullahan_user::{domain::Settings, presentation::event::transport::ActivateUserProcess};
use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{
    ALICE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, mailer::token_of, on_both_databases,
};

const HOUR: Duration = Duration::from_hours(1);

on_both_databases!(
    rst_03_expired_used_foreign_and_made_up_tokens_answer_alike,
    rst_03_a_token_is_good_to_its_last_millisecond,
    pub_19_an_activation_that_is_sent_twice_is_no_failure,
    pub_19_without_grace_an_activation_happens_once,
    rst_02_of_twenty_activations_at_once_one_succeeds,
    rst_02_whichever_of_several_tokens_is_used_the_others_are_used_up_too,
    an_activation_signs_nobody_in,
    the_link_in_the_mail_comes_from_the_settings_whatever_the_request_says,
    a_name_reaches_no_mailbox_before_its_owner_has_agreed,
);

async fn rst_03_expired_used_foreign_and_made_up_tokens_answer_alike(plan: Plan) {
    let app = plan.start().await;
    let used = app.register(ALICE).await;
    app.client.activate(&used).answer().await.expect(204);
    let expired = app.register("expired@x.test").await;
    app.clock.advance(24 * HOUR);
    let living = app.register("living@x.test").await;
    let bearer = app.client.bearer(ALICE).await;
    let session = app.client.cookie(ALICE).await;
    let removed = app.register("removed@x.test").await;
    app.database.execute("DELETE FROM dullahan_users WHERE email = 'removed@x.test'").await;
    let deactivated = app.register("deactivated@x.test").await;
    app.database
        .execute(
            "UPDATE dullahan_users SET status = 'deactivated' WHERE email = 'deactivated@x.test'",
        )
        .await;
    let before = app.database.dump().await;

    let refused = app.client.activate(&used).answer().await;
    assert_eq!(refused.problem(422, "token_invalid"), [""; 0]);
    for token in [
        expired.as_str(),
        &removed,
        &deactivated,
        &bearer,
        session.cookie.split_once('=').unwrap().1,
        &session.csrf,
        &"A".repeat(43),
        &living[..42],
        &format!("{living}A"),
        &format!("{living}="),
        &living.to_ascii_lowercase(),
        &living.to_ascii_uppercase(),
        "",
        " ",
        "null",
        "' OR 1=1 --",
        "\0",
    ] {
        assert_eq!(app.client.activate(token).answer().await, refused, "{token}");
    }
    assert_eq!(app.database.dump().await, before);
    app.client.activate(&format!(" {living}\r\n")).answer().await.expect(204);
}

async fn rst_03_a_token_is_good_to_its_last_millisecond(plan: Plan) {
    let app = plan.start().await;
    let token = app.register(ALICE).await;
    app.clock.advance(24 * HOUR - Duration::from_millis(1));
    app.client.activate(&token).answer().await.expect(204);
    let token = app.register("bob@x.test").await;
    app.clock.advance(24 * HOUR);
    app.client.activate(&token).answer().await.problem(422, "token_invalid");
}

async fn pub_19_an_activation_that_is_sent_twice_is_no_failure(plan: Plan) {
    let app = plan.start().await;
    let token = app.register(ALICE).await;
    app.client.activate(&token).answer().await.expect(204);
    app.clock.advance(Duration::from_secs(59));
    let before = app.database.dump().await;
    app.client.activate(&token).answer().await.expect(204);
    app.client.activate_anew(&token, OTHER_PASSWORD).answer().await.expect(204);
    assert_eq!(app.database.dump().await, before, "nothing is done");
    let answer = app.client.log_in(ALICE, OTHER_PASSWORD).answer().await;
    answer.problem(401, "invalid_credentials");
    for request in [app.client.reset(&token, OTHER_PASSWORD), app.client.confirm_email(&token)] {
        request.answer().await.problem(422, "token_invalid");
    }
    app.clock.advance(Duration::from_secs(1));
    app.client.activate(&token).answer().await.problem(422, "token_invalid");
}

async fn pub_19_without_grace_an_activation_happens_once(plan: Plan) {
    let app = plan.set(|settings| settings.activation_grace = Duration::ZERO).start().await;
    let token = app.register(ALICE).await;
    app.client.activate(&token).answer().await.expect(204);
    app.client.activate(&token).answer().await.problem(422, "token_invalid");
    assert_eq!(app.database.count("dullahan_one_time_tokens").await, 0);
}

async fn rst_02_of_twenty_activations_at_once_one_succeeds(plan: Plan) {
    let activated = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&activated);
    let plan = plan.with(move |core| {
        core.event::<ActivateUserProcess>().committed(
            move |_: Committed<'_, ActivateUserProcess>| -> Result<()> {
                counter.fetch_add(1, Ordering::SeqCst);
                Ok(())
            },
        );
    });
    let app = plan.start().await;
    let token = app.register(ALICE).await;
    let mut activations = JoinSet::new();
    for _ in 0..20 {
        let request = app.client.activate(&token);
        activations.spawn(async move { request.answer().await });
    }
    for answer in activations.join_all().await {
        answer.expect(204);
    }
    assert_eq!(activated.load(Ordering::SeqCst), 1);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn rst_02_whichever_of_several_tokens_is_used_the_others_are_used_up_too(plan: Plan) {
    let app = plan.start().await;
    let first = app.register(ALICE).await;
    app.clock.advance(HOUR);
    app.client.resend(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let second = app.mailer.token(ALICE);
    assert_ne!(first, second);
    app.client.activate(&first).answer().await.expect(204);
    app.client.activate(&second).answer().await.problem(422, "token_invalid");
    let left = "SELECT count(*) FROM dullahan_one_time_tokens WHERE purpose <> 'activated'";
    assert_eq!(app.database.number(left).await, 0);
}

async fn an_activation_signs_nobody_in(plan: Plan) {
    let app = plan.start().await;
    let token = app.register(ALICE).await;
    let answer = app.client.activate(&token).answer().await.expect(204);
    assert!(answer.body.is_empty());
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_eq!(app.database.count("dullahan_sessions").await, 0);
}

async fn the_link_in_the_mail_comes_from_the_settings_whatever_the_request_says(plan: Plan) {
    let link = Some("https://app.example/activate#{token}".to_owned());
    let settings = Settings { activation_link: link, ..Settings::default() };
    let app = Plan { settings, ..plan }.start().await;
    let request = app.client.register(ALICE).header("Host", "evil.example");
    let request = request.header("X-Forwarded-Host", "evil.example");
    request.header("Forwarded", "host=evil.example").answer().await.expect(202);
    app.deliver_mails().await;
    let text = app.mailer.to(ALICE)[0].text.clone();
    assert!(!text.contains("evil"), "{text}");
    let token = text.split("https://app.example/activate#").nth(1).unwrap();
    let token = token.lines().next().unwrap();
    assert_eq!(token_of(token), token);
    app.client.activate(token).answer().await.expect(204);
}

/// Anybody can register anybody's address, and the name would be theirs to write into the mail.
async fn a_name_reaches_no_mailbox_before_its_owner_has_agreed(plan: Plan) {
    let app = plan.start().await;
    let name = "Alice, open https://evil.example/?t={token} Bcc: eve@x.test";
    let body = json!({ "email": ALICE, "password": PASSWORD, "display_name": name });
    app.client.post("/auth/registration", &body).answer().await.expect(202);
    app.deliver_mails().await;
    let mail = app.mailer.to(ALICE).pop().unwrap();
    assert!(mail.text.starts_with("Hello,\n\n"), "{}", mail.text);
    assert!(!mail.text.contains("evil") && !mail.subject.contains("evil"));
    app.client.activate(&token_of(&mail.text)).answer().await.expect(204);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let mail = app.mailer.to(ALICE).pop().unwrap();
    let token = token_of(&mail.text);
    assert!(mail.text.starts_with(&format!("Hello {name},\n\n")), "{}", mail.text);
    assert_eq!(mail.text.matches(&token).count(), 1);
    assert!(!mail.subject.contains("evil"));
}
