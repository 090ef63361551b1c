//! Forgotten passwords: RST-01, -02, -03 and -05.

use std::sync::Arc;

use dullahan_core::{
    Before, Error,
    monitor::{Dispatch, Monitor},
};
use dullahan_user::{
    domain::MailKind,
    presentation::event::transport::{
        MintTokenProcess, OpenSessionProcess, OweMail, VerifyPassword,
    },
};
use parking_lot::Mutex;
use serde_json::json;
use tokio::task::{JoinHandle, JoinSet};

use crate::support::{
    ALICE, Answer, App, BOB, HOUR, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, WRONG,
    gate::Gate,
    mailer::{Trouble, token_of},
    on_both_databases,
};

const RESET: &str = "A new password for Stable";
const CHANGED: &str = "Your password for Stable was changed";

on_both_databases!(
    rst_05_a_new_password_does_not_pay_for_tries_of_the_old_one,
    rst_01_a_request_that_cannot_be_answered_keeps_no_mail_from_being_sent,
    rst_01_known_and_unknown_addresses_answer_alike,
    rst_01_asking_does_the_same_work_whoever_is_asked_for,
    rst_01_nobody_waits_for_the_mail,
    rst_02_of_twenty_resets_at_once_one_succeeds,
    rst_02_a_refused_password_does_not_use_the_token_up,
    rst_02_whichever_of_several_tokens_is_used_the_others_are_used_up_too,
    rst_03_expired_used_foreign_and_made_up_tokens_answer_alike,
    rst_03_guessing_is_limited_for_each_address,
    rst_03_a_token_is_good_for_thirty_minutes,
    rst_05_a_reset_signs_nobody_in_and_everybody_out,
    rst_05_the_link_in_the_mail_comes_from_the_settings,
    rst_05_a_pending_user_who_forgot_the_password_chooses_one_at_activation,
    user_07_a_chosen_password_voids_what_was_asked_for_before,
    user_07_asking_again_voids_nothing,
    user_07_a_mail_that_is_being_sent_at_a_reset_carries_no_token_that_outlives_it,
    rst_05_a_deactivated_user_stays_one,
    rst_05_no_session_begins_with_the_password_that_was_just_replaced,
    rst_05_no_session_begins_while_its_password_is_replaced,
    rst_05_logins_at_once_with_a_reset_leave_no_session_of_the_old_password,
);

async fn ask(app: &App, email: &str) -> String {
    app.client.forgot(email).answer().await.expect(202);
    app.deliver_mails().await;
    app.mailer.token(email)
}

async fn rst_01_known_and_unknown_addresses_answer_alike(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.register("pending@x.test").await;
    app.add_user("deactivated@x.test").await;
    let deactivate =
        "UPDATE dullahan_users SET status = 'deactivated' WHERE email = 'deactivated@x.test'";
    app.database.execute(deactivate).await;
    app.clock.advance(HOUR);
    app.hasher.take_counts();
    app.mailer.clear();

    let unknown = app.client.forgot("nobody@x.test").answer().await.expect(202);
    assert_eq!(unknown.json(), json!({ "status": "accepted" }));
    for email in [ALICE, "ALICE@X.TEST", "pending@x.test", "deactivated@x.test"] {
        assert_eq!(app.client.forgot(email).answer().await, unknown, "{email}");
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [RESET]);
    assert_eq!(app.mailer.subjects("pending@x.test"), ["Activate your account at Stable"]);
    assert_eq!(app.mailer.count(), 2);
}

/// Notes every dispatch.
#[derive(Default)]
struct Chains(Mutex<Vec<String>>);

impl Monitor for Chains {
    fn entered(&self, dispatch: &Dispatch<'_>) {
        self.0.lock().push(dispatch.chain().join(" > "));
    }
}

async fn rst_01_asking_does_the_same_work_whoever_is_asked_for(plan: Plan) {
    let chains = Arc::new(Chains::default());
    let monitor = Arc::clone(&chains);
    let plan = plan.with(move |core| {
        core.monitor(monitor);
    });
    let app = plan.start_with_alice().await;
    let mut of_each = Vec::new();
    for email in ["nobody@x.test", ALICE] {
        chains.0.lock().clear();
        app.client.forgot(email).answer().await.expect(202);
        of_each.push(std::mem::take(&mut *chains.0.lock()));
    }
    assert_eq!(of_each[0], of_each[1]);
    assert_eq!(app.database.count("dullahan_mail_requests").await, 2);
    let minted = "SELECT count(*) FROM dullahan_one_time_tokens WHERE purpose <> 'activated'";
    assert_eq!(app.database.number(minted).await, 0);
}

async fn rst_01_nobody_waits_for_the_mail(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.mailer.clear();
    app.mailer.set(Trouble::Fails);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    app.mailer.set(Trouble::None);
    app.clock.advance(MINUTE);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [RESET]);
    app.client.reset(&app.mailer.token(ALICE), OTHER_PASSWORD).answer().await.expect(204);
}

async fn rst_02_of_twenty_resets_at_once_one_succeeds(plan: Plan) {
    let app = plan.start_with_alice().await;
    let token = ask(&app, ALICE).await;
    let mut resets = JoinSet::new();
    let passwords = |i: usize| format!("{OTHER_PASSWORD} {i}");
    for i in 0..20 {
        let request = app.client.reset(&token, &passwords(i));
        resets.spawn(async move { (i, request.answer().await) });
    }
    let answers = resets.join_all().await;
    let (good, bad): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|(_, answer)| answer.status == 204);
    assert_eq!((good.len(), bad.len()), (1, 19));
    for (_, answer) in bad {
        assert_eq!(answer.problem(422, "token_invalid"), [""; 0]);
    }
    app.client.log_in(ALICE, &passwords(good[0].0)).answer().await.expect(200);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(401);
    app.deliver_mails().await;
    let told = app.mailer.subjects(ALICE).into_iter().filter(|subject| subject == CHANGED).count();
    assert_eq!(told, 1);
}

async fn rst_02_a_refused_password_does_not_use_the_token_up(plan: Plan) {
    let app = plan.start_with_alice().await;
    let token = ask(&app, ALICE).await;
    app.hasher.take_counts();
    let before = app.database.dump().await;
    for (password, code) in [
        ("short", "too_short"),
        ("qwertyuiopasdfghjkl", "compromised"),
        ("passwordpassword", "compromised"),
        ("alice@x.test alice", "guessable"),
        (&"a".repeat(5000), "too_long"),
    ] {
        let answer = app.client.reset(&token, password).answer().await;
        assert_eq!(answer.problem(422, "invalid"), [format!("/password {code}")], "{password}");
    }
    let empty = app.client.post("/auth/password/reset", &json!({})).answer().await;
    assert_eq!(empty.problem(422, "invalid"), ["/token required", "/password required"]);
    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(app.database.dump().await, before);
    app.client.reset(&token, OTHER_PASSWORD).answer().await.expect(204);
}

async fn rst_02_whichever_of_several_tokens_is_used_the_others_are_used_up_too(plan: Plan) {
    let app = plan.start_with_alice().await;
    let first = ask(&app, ALICE).await;
    app.clock.advance(5 * MINUTE);
    let second = ask(&app, ALICE).await;
    assert_ne!(first, second);
    app.client.reset(&first, OTHER_PASSWORD).answer().await.expect(204);
    app.client.reset(&second, PASSWORD).answer().await.problem(422, "token_invalid");
    assert_eq!(app.database.count("dullahan_one_time_tokens").await, 0);
}

async fn rst_03_expired_used_foreign_and_made_up_tokens_answer_alike(plan: Plan) {
    let app = plan.start_with_alice().await;
    let used = ask(&app, ALICE).await;
    app.client.reset(&used, PASSWORD).answer().await.expect(204);
    app.add_user(BOB).await;
    let expired = ask(&app, BOB).await;
    app.clock.advance(HOUR);
    let activation = app.register("pending@x.test").await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    app.client.change_email("alice@new.test").bearer_auth(&bearer).answer().await.expect(202);
    app.deliver_mails().await;
    let (current, new) = (app.mailer.token(ALICE), app.mailer.token("alice@new.test"));
    app.add_user("removed@x.test").await;
    let removed = ask(&app, "removed@x.test").await;
    app.database.execute("DELETE FROM dullahan_users WHERE email = 'removed@x.test'").await;
    let before = app.database.dump().await;
    app.hasher.take_counts();

    let refused = app.client.reset(&used, OTHER_PASSWORD).answer().await;
    assert_eq!(refused.problem(422, "token_invalid"), [""; 0]);
    for token in [
        expired.as_str(),
        &removed,
        &activation,
        &current,
        &new,
        &bearer,
        session.token(),
        &session.csrf,
        &"A".repeat(43),
        &format!("{expired}A"),
        "",
        "null",
        "' OR 1=1 --",
        "\0",
    ] {
        assert_eq!(app.client.reset(token, OTHER_PASSWORD).answer().await, refused, "{token}");
        assert_eq!(app.client.reset(token, "short").answer().await, refused, "{token}");
    }
    assert_eq!(app.database.dump().await, before);
    assert_eq!(app.hasher.take_counts(), (0, 0), "no hash is made for whoever guesses");
    let reset = ask(&app, BOB).await;
    for request in [app.client.activate(&reset), app.client.confirm_email(&reset)] {
        request.answer().await.problem(422, "token_invalid");
    }
    app.client.cancel_email(&reset).answer().await.problem(422, "token_invalid");
    app.client.account_of_bearer(&reset).answer().await.expect(401);
    app.client.reset(&format!(" {reset}\r\n"), OTHER_PASSWORD).answer().await.expect(204);
    app.client.activate(&activation).answer().await.expect(204);
}

async fn rst_03_guessing_is_limited_for_each_address(plan: Plan) {
    let app = plan.limiting_addresses(10).start().await;
    for _ in 0..10 {
        let guess = app.client.reset(&"A".repeat(43), OTHER_PASSWORD).answer().await;
        guess.problem(422, "token_invalid");
    }
    let refused = app.client.reset(&"A".repeat(43), OTHER_PASSWORD).answer().await;
    assert_eq!(refused.problem(429, "too_many_requests"), [""; 0]);
    assert_eq!(refused.headers["retry-after"], "60");
}

async fn rst_03_a_token_is_good_for_thirty_minutes(plan: Plan) {
    let app = plan.start_with_alice().await;
    let token = ask(&app, ALICE).await;
    app.clock.advance(30 * MINUTE - std::time::Duration::from_millis(1));
    app.client.reset(&token, "short").answer().await.problem(422, "invalid");
    app.clock.advance(std::time::Duration::from_millis(1));
    app.client.reset(&token, OTHER_PASSWORD).answer().await.problem(422, "token_invalid");
}

async fn rst_05_a_reset_signs_nobody_in_and_everybody_out(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let of_bob = app.client.bearer(BOB).await;
    let changing = app.client.change_email("alice@new.test").bearer_auth(&bearer);
    changing.answer().await.expect(202);
    let token = ask(&app, ALICE).await;
    app.mailer.clear();

    let answer = app.client.reset(&token, OTHER_PASSWORD).answer().await.expect(204);
    assert!(answer.body.is_empty() && answer.device().starts_with("__Host-session-device="));
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    app.client.account_of_bearer(&bearer).answer().await.problem(401, "unauthenticated");
    app.client.account_of_cookie(&session).answer().await.problem(401, "unauthenticated");
    app.client.account_of_bearer(&of_bob).answer().await.expect(200);
    assert_eq!(app.database.count("dullahan_sessions").await, 1);
    assert_eq!(app.database.count("dullahan_email_changes").await, 0);
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(401, "invalid_credentials");
    app.client.log_in(ALICE, OTHER_PASSWORD).answer().await.expect(200);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), [CHANGED]);
    assert_eq!(app.mailer.count(), 1);
    assert!(!app.mailer.to(ALICE)[0].text.contains(OTHER_PASSWORD));
}

async fn rst_05_the_link_in_the_mail_comes_from_the_settings(plan: Plan) {
    let link = Some("https://app.example/password#{token}".to_owned());
    let app = plan.set(|settings| settings.password_reset_link = link).start_with_alice().await;
    let request = app.client.forgot(ALICE).header("Host", "evil.example");
    request.header("X-Forwarded-Host", "evil.example").answer().await.expect(202);
    app.deliver_mails().await;
    let text = app.mailer.to(ALICE).pop().unwrap().text;
    assert!(!text.contains("evil"), "{text}");
    let token = text.split("https://app.example/password#").nth(1).unwrap().lines().next().unwrap();
    app.client.reset(token, OTHER_PASSWORD).answer().await.expect(204);
}

async fn rst_05_a_pending_user_who_forgot_the_password_chooses_one_at_activation(plan: Plan) {
    let app = plan.start().await;
    let activation = app.register(ALICE).await;
    app.clock.advance(5 * MINUTE);
    let token = ask(&app, ALICE).await;
    app.client.reset(&token, OTHER_PASSWORD).answer().await.problem(422, "token_invalid");
    app.client.activate_anew(&token, OTHER_PASSWORD).answer().await.expect(204);
    app.client.log_in(ALICE, OTHER_PASSWORD).answer().await.expect(200);
    app.client.activate(&activation).answer().await.problem(422, "token_invalid");
}

/// Two mails, one request that nobody has answered yet, and a mail that was not sent yet.
async fn ask_often(app: &App) -> [String; 2] {
    let first = ask(app, ALICE).await;
    app.clock.advance(6 * MINUTE);
    let second = ask(app, ALICE).await;
    app.clock.advance(6 * MINUTE);
    app.mailer.set(Trouble::Fails);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    app.mailer.set(Trouble::None);
    app.client.forgot(ALICE).answer().await.expect(202);
    [first, second]
}

async fn user_07_a_chosen_password_voids_what_was_asked_for_before(plan: Plan) {
    let app = plan.start_with_alice().await;
    for by in ["reset", "change", "address"] {
        let tokens = ask_often(&app).await;
        let bearer = app.client.bearer(ALICE).await;
        match by {
            "reset" => {
                app.client.reset(&tokens[0], PASSWORD).answer().await.expect(204);
            }
            "change" => {
                let change = app.client.change_password(PASSWORD, PASSWORD);
                change.bearer_auth(&bearer).answer().await.expect(200);
            }
            _ => {
                let ask = app.client.change_email("alice@new.test").bearer_auth(&bearer);
                ask.answer().await.expect(202);
                app.deliver_mails().await;
                for to in [ALICE, "alice@new.test"] {
                    let mails = app.mailer.to(to).into_iter();
                    let about = mails.rev().find(|mail| mail.subject.contains("ddress")).unwrap();
                    let token = token_of(&about.text);
                    app.client.confirm_email(&token).answer().await.expect(200);
                }
            }
        }
        app.clock.advance(6 * MINUTE);
        app.mailer.clear();
        app.deliver_mails().await;
        let subjects = [app.mailer.subjects(ALICE), app.mailer.subjects("alice@new.test")];
        assert!(!subjects.concat().iter().any(|subject| subject == RESET), "{by}: {subjects:?}");
        for token in &tokens {
            let answer = app.client.reset(token, OTHER_PASSWORD).answer().await;
            assert_eq!(answer.problem(422, "token_invalid"), [""; 0], "{by}");
        }
        assert_eq!(app.database.count("dullahan_one_time_tokens").await, 0, "{by}");
        app.clock.advance(HOUR);
    }
}

async fn user_07_asking_again_voids_nothing(plan: Plan) {
    let app = plan.start_with_alice().await;
    let [first, _] = ask_often(&app).await;
    app.clock.advance(6 * MINUTE);
    app.deliver_mails().await;
    app.client.reset(&first, OTHER_PASSWORD).answer().await.expect(204);
}

async fn user_07_a_mail_that_is_being_sent_at_a_reset_carries_no_token_that_outlives_it(
    plan: Plan,
) {
    let gate = Gate::default();
    let listener = gate.clone();
    let plan = plan.with(|core| {
        core.event::<MintTokenProcess>().before(listener);
    });
    let app = plan.start_with_alice().await;
    let token = ask(&app, ALICE).await;
    app.clock.advance(6 * MINUTE);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.mailer.clear();
    gate.close();
    let users = app.users.users().clone();
    let delivery = tokio::spawn(async move { users.deliver_mail().await });
    gate.wait_until_reached().await;
    app.client.reset(&token, OTHER_PASSWORD).answer().await.expect(204);
    gate.open();
    delivery.await.unwrap().unwrap();
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), ["Your password for Stable was changed"]);
    assert_eq!(app.database.count("dullahan_one_time_tokens").await, 0);
}

async fn rst_05_a_deactivated_user_stays_one(plan: Plan) {
    let app = plan.start_with_alice().await;
    let token = ask(&app, ALICE).await;
    app.database.execute("UPDATE dullahan_users SET status = 'deactivated'").await;
    let before = app.database.dump().await;
    app.client.reset(&token, OTHER_PASSWORD).answer().await.problem(422, "token_invalid");
    assert_eq!(app.database.dump().await, before);
}

/// Begins a login that the gate holds up, and a reset.
async fn begin(app: &App, gate: &Gate) -> (JoinHandle<Answer>, JoinHandle<Answer>) {
    let token = ask(app, ALICE).await;
    gate.close();
    let login = app.client.log_in(ALICE, PASSWORD);
    let login = tokio::spawn(async move { login.answer().await });
    gate.wait_until_reached().await;
    let reset = app.client.reset(&token, OTHER_PASSWORD);
    (login, tokio::spawn(async move { reset.answer().await }))
}

async fn rst_05_no_session_begins_with_the_password_that_was_just_replaced(plan: Plan) {
    let gate = Gate::default();
    let listener = gate.clone();
    let plan = plan.with(|core| {
        core.event::<VerifyPassword>().after(listener);
    });
    let app = plan.start_with_alice().await;
    let (login, reset) = begin(&app, &gate).await;
    reset.await.unwrap().expect(204);
    gate.open();
    login.await.unwrap().problem(401, "invalid_credentials");
    assert_eq!(app.database.count("dullahan_sessions").await, 0);
}

async fn rst_05_no_session_begins_while_its_password_is_replaced(plan: Plan) {
    let gate = Gate::default();
    let listener = gate.clone();
    let plan = plan.with(|core| {
        core.event::<OpenSessionProcess>().after(listener);
    });
    let app = plan.start_with_alice().await;
    let (login, reset) = begin(&app, &gate).await;
    assert!(app.database.is_being_written().await, "the session is not committed yet");
    gate.open();
    login.await.unwrap().expect(200);
    reset.await.unwrap().expect(204);
    assert_eq!(app.database.count("dullahan_sessions").await, 0);
}

async fn rst_05_logins_at_once_with_a_reset_leave_no_session_of_the_old_password(plan: Plan) {
    let app = plan.without_limit_of_passwords().start_with_alice().await;
    for round in 0..3 {
        let (old, new) =
            if round % 2 == 0 { (PASSWORD, OTHER_PASSWORD) } else { (OTHER_PASSWORD, PASSWORD) };
        app.clock.advance(5 * MINUTE);
        let token = ask(&app, ALICE).await;
        let mut requests = JoinSet::new();
        for i in 0..21 {
            let request = match i {
                10 => app.client.reset(&token, new),
                _ => app.client.log_in(ALICE, old),
            };
            requests.spawn(async move { (i, request.answer().await) });
        }
        for (i, answer) in requests.join_all().await {
            let expected: &[u16] = if i == 10 { &[204] } else { &[200, 401] };
            assert!(expected.contains(&answer.status), "{answer:?}");
        }
        assert_eq!(app.database.count("dullahan_sessions").await, 0);
    }
}

async fn rst_05_a_new_password_does_not_pay_for_tries_of_the_old_one(plan: Plan) {
    let app = plan.start_with_alice().await;
    for _ in 0..5 {
        app.client.log_in(ALICE, WRONG).answer().await.expect(401);
    }
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(429, "too_many_requests");
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let token = app.mailer.token(ALICE);
    app.client.reset(&token, OTHER_PASSWORD).answer().await.expect(204);
    app.client.log_in(ALICE, OTHER_PASSWORD).answer().await.expect(200);
}

async fn rst_01_a_request_that_cannot_be_answered_keeps_no_mail_from_being_sent(plan: Plan) {
    let plan = plan.with(|core| {
        core.event::<OweMail>().before(|ev: Before<'_, OweMail>| {
            let is_reset = ev.mail.kind == MailKind::PasswordReset;
            if is_reset { Err(Error::internal("this one cannot be owed")) } else { Ok(()) }
        });
    });
    let app = plan.start_with_alice().await;
    app.register("pending@x.test").await;
    app.clock.advance(HOUR);
    app.mailer.clear();
    app.client.forgot(ALICE).answer().await.expect(202);
    app.clock.advance(MINUTE);
    app.client.resend("pending@x.test").answer().await.expect(202);
    app.client.register(BOB).answer().await.expect(202);
    for _ in 0..2 {
        let worked = app.users.users().deliver_mail().await;
        assert!(worked.is_err(), "whoever works the mails off hears of it");
    }
    assert_eq!((app.mailer.to("pending@x.test").len(), app.mailer.to(BOB).len()), (1, 1));
    assert_eq!(app.mailer.count(), 2);
    assert_eq!(app.database.count("dullahan_mail_requests").await, 1, "it is not lost");
}
