//! Another address: EML-01, -02 and -03.

use serde_json::json;
use tokio::task::JoinSet;

use crate::support::{
    ALICE, App, BOB, DAY, HOUR, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _,
    on_both_databases,
};

const NEW: &str = "Alice@new.test";
const OTHER: &str = "alice@other.test";

on_both_databases!(
    eml_01_both_mailboxes_have_to_agree,
    eml_01_whichever_mailbox_agrees_first,
    eml_01_the_change_ends_all_sessions_and_tells_the_former_mailbox,
    eml_01_either_mailbox_can_stop_it,
    user_06_a_change_that_its_owner_stops_ends_what_the_thief_has,
    user_06_a_stranger_who_stops_a_change_to_their_mailbox_ends_nothing_else,
    user_10_the_mail_to_the_present_mailbox_names_the_address_and_two_pages,
    pub_27_by_setting_the_new_mailbox_alone_agrees,
    user_03_who_has_registered_an_address_keeps_nobody_from_it,
    eml_01_a_change_lapses_after_a_day,
    eml_01_asking_is_limited,
    eml_01_what_is_no_other_address_is_refused,
    eml_02_a_token_never_sets_an_address_that_its_mail_did_not_name,
    eml_02_of_two_changes_asked_at_once_one_is_left,
    eml_02_a_change_that_is_confirmed_while_another_is_asked_for_sets_no_other,
    eml_02_twenty_confirmations_at_once_change_the_address_once,
    eml_03_a_taken_address_answers_like_a_free_one,
    eml_03_an_address_that_is_taken_meanwhile_is_not_available,
    eml_03_two_users_who_want_one_address_get_it_once,
    eml_03_made_up_and_foreign_tokens_answer_alike,
);

/// Asks for an address, and gives the tokens for the present and the new mailbox.
async fn ask(app: &App, bearer: &str, from: &str, to: &str) -> (String, String) {
    app.client.change_email(to).bearer_auth(bearer).answer().await.expect(202);
    app.deliver_mails().await;
    (app.mailer.token(from), app.mailer.token(to))
}

async fn emails(app: &App) -> Vec<String> {
    app.database.texts("SELECT email FROM dullahan_users ORDER BY email").await
}

async fn eml_01_both_mailboxes_have_to_agree(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.mailer.clear();
    let asked = app.client.change_email(NEW).bearer_auth(&bearer).answer().await.expect(202);
    assert_eq!(asked.json(), json!({ "status": "accepted" }));
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), ["Another address for your account at Stable"]);
    assert_eq!(app.mailer.subjects(NEW), ["Confirm this address for Stable"]);
    let (current, new) = (app.mailer.token(ALICE), app.mailer.token(NEW));
    assert_ne!(current, new);

    let expect_the_old_one = async || {
        app.client.log_in(NEW, PASSWORD).answer().await.problem(401, "invalid_credentials");
        app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
        let account = app.client.account_of_bearer(&bearer).answer().await.expect(200);
        assert_eq!(account.text("/email"), ALICE);
    };
    expect_the_old_one().await;
    let answer = app.client.confirm_email(&current).answer().await.expect(200);
    assert_eq!(answer.json(), json!({ "awaiting": ["new"] }));
    expect_the_old_one().await;
    app.client.confirm_email(&current).answer().await.problem(422, "token_invalid");
    let answer = app.client.confirm_email(&new).answer().await.expect(200);
    assert_eq!(answer.json(), json!({ "awaiting": [] }));
    assert!(!answer.headers.contains_key("set-cookie"));

    app.client.log_in(ALICE, PASSWORD).answer().await.problem(401, "invalid_credentials");
    let account = app.client.log_in("alice@NEW.test", PASSWORD).answer().await.expect(200);
    assert_eq!(account.text("/user/email"), NEW);
    app.client.confirm_email(&new).answer().await.problem(422, "token_invalid");
}

async fn eml_01_whichever_mailbox_agrees_first(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let (current, new) = ask(&app, &bearer, ALICE, NEW).await;
    let answer = app.client.confirm_email(&new).answer().await.expect(200);
    assert_eq!(answer.json(), json!({ "awaiting": ["current"] }));
    assert_eq!(emails(&app).await, [ALICE]);
    app.client.confirm_email(&current).answer().await.expect(200);
    assert_eq!(emails(&app).await, [NEW]);
}

async fn eml_01_the_change_ends_all_sessions_and_tells_the_former_mailbox(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let reset = app.mailer.token(ALICE);
    let change = app.client.change_email(NEW).on_own_page(&session);
    change.answer().await.expect(202);
    app.deliver_mails().await;
    let (current, new) = (app.mailer.token(ALICE), app.mailer.token(NEW));
    app.mailer.clear();
    app.client.confirm_email(&current).answer().await.expect(200);
    app.client.confirm_email(&new).answer().await.expect(200);
    app.client.account_of_bearer(&bearer).answer().await.problem(401, "unauthenticated");
    app.client.account_of_cookie(&session).answer().await.problem(401, "unauthenticated");
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), ["Your account at Stable has another address"]);
    assert_eq!(app.mailer.count(), 1);
    assert!(!app.mailer.to(ALICE)[0].text.contains(NEW));
    let stale = app.client.reset(&reset, OTHER_PASSWORD).answer().await;
    stale.problem(422, "token_invalid");
    // The former address is free again.
    app.add_user(ALICE).await;
    assert_eq!(emails(&app).await, [NEW, ALICE]);
}

async fn eml_01_either_mailbox_can_stop_it(plan: Plan) {
    let app = plan.start_with_alice().await;
    for mailbox in [1, 0] {
        let bearer = app.client.bearer(ALICE).await;
        let (current, new) = ask(&app, &bearer, ALICE, NEW).await;
        let (stops, other) = if mailbox == 0 { (&current, &new) } else { (&new, &current) };
        app.client.confirm_email(other).answer().await.expect(200);
        let answer = app.client.cancel_email(stops).answer().await.expect(204);
        assert!(answer.body.is_empty());
        for token in [&current, &new] {
            app.client.confirm_email(token).answer().await.problem(422, "token_invalid");
            app.client.cancel_email(token).answer().await.problem(422, "token_invalid");
        }
        assert_eq!(emails(&app).await, [ALICE]);
        assert_eq!(app.database.count("dullahan_email_changes").await, 0);
        let status = if mailbox == 0 { 401 } else { 200 };
        app.client.account_of_bearer(&bearer).answer().await.expect(status);
        app.clock.advance(HOUR);
    }
}

async fn user_06_a_change_that_its_owner_stops_ends_what_the_thief_has(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (thief, owner) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    let (current, new) = ask(&app, &thief, ALICE, NEW).await;
    app.client.confirm_email(&new).answer().await.expect(200);
    app.mailer.clear();
    app.client.cancel_email(&current).answer().await.expect(204);
    app.client.account_of_bearer(&thief).answer().await.problem(401, "unauthenticated");
    app.client.account_of_cookie(&owner).answer().await.problem(401, "unauthenticated");
    let again = app.client.change_email(NEW).bearer_auth(&thief).answer().await;
    again.problem(401, "unauthenticated");
    // Nor does the thief come back with the password.
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(401, "invalid_credentials");
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), ["A new password for Stable"]);
    app.client.reset(&app.mailer.token(ALICE), OTHER_PASSWORD).answer().await.expect(204);
    app.client.log_in(ALICE, OTHER_PASSWORD).answer().await.expect(200);
    assert_eq!(emails(&app).await, [ALICE]);
}

async fn user_06_a_stranger_who_stops_a_change_to_their_mailbox_ends_nothing_else(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let (_, new) = ask(&app, &bearer, ALICE, NEW).await;
    app.client.cancel_email(&new).answer().await.expect(204);
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn user_10_the_mail_to_the_present_mailbox_names_the_address_and_two_pages(plan: Plan) {
    let plan = plan.set(|settings| {
        settings.email_change_link = Some("https://app.example/agree#{token}".to_owned());
        settings.email_cancel_link = Some("https://app.example/stop#{token}".to_owned());
    });
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    for to in [NEW, OTHER] {
        app.mailer.clear();
        app.client.change_email(to).bearer_auth(&bearer).answer().await.expect(202);
        app.deliver_mails().await;
        for mailbox in [ALICE, to] {
            let text = app.mailer.to(mailbox)[0].text.clone();
            assert!(mailbox != ALICE || text.contains(&format!("to {to}.")), "{text}");
            let token_at = |page: &str| {
                let (_, rest) = text.split_once(page).unwrap_or_else(|| panic!("{text}"));
                rest.lines().next().unwrap().to_owned()
            };
            let agree = token_at("https://app.example/agree#");
            assert_eq!(token_at("https://app.example/stop#"), agree);
            assert_eq!(agree.len(), 43);
        }
    }
}

async fn pub_27_by_setting_the_new_mailbox_alone_agrees(plan: Plan) {
    let plan = plan.set(|settings| settings.email_change_needs_current = false);
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    // The present one can stop it still.
    let (current, new) = ask(&app, &bearer, ALICE, NEW).await;
    app.client.cancel_email(&current).answer().await.expect(204);
    app.client.confirm_email(&new).answer().await.problem(422, "token_invalid");
    app.clock.advance(HOUR);
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    app.client.reset(&app.mailer.token(ALICE), PASSWORD).answer().await.expect(204);

    // But nobody waits for it.
    let bearer = app.client.bearer(ALICE).await;
    app.clock.advance(MINUTE * 20);
    let late = app.client.change_email(NEW).bearer_auth(&bearer).answer().await;
    late.problem(401, "reauthentication_required");
    let bearer = app.client.bearer(ALICE).await;
    let (_, new) = ask(&app, &bearer, ALICE, NEW).await;
    let answer = app.client.confirm_email(&new).answer().await.expect(200);
    assert_eq!(answer.json(), json!({ "awaiting": [] }));
    assert_eq!(emails(&app).await, [NEW]);
    app.deliver_mails().await;
    assert!(app.mailer.subjects(ALICE).iter().any(|s| s.ends_with("has another address")));
}

async fn user_03_who_has_registered_an_address_keeps_nobody_from_it(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let activation = app.register("alice@new.test").await;
    app.mailer.clear();
    let (current, new) = ask(&app, &bearer, ALICE, NEW).await;
    assert_eq!(app.mailer.subjects(NEW), ["Confirm this address for Stable"]);
    app.client.confirm_email(&current).answer().await.expect(200);
    app.client.confirm_email(&new).answer().await.expect(200);
    assert_eq!(emails(&app).await, [NEW]);
    app.client.activate(&activation).answer().await.problem(422, "token_invalid");
}

async fn eml_01_a_change_lapses_after_a_day(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let (current, new) = ask(&app, &bearer, ALICE, NEW).await;
    app.client.confirm_email(&current).answer().await.expect(200);
    app.clock.advance(DAY);
    app.client.cancel_email(&new).answer().await.problem(422, "token_invalid");
    app.clock.advance(MINUTE);
    app.client.confirm_email(&new).answer().await.problem(422, "token_invalid");
    assert_eq!(emails(&app).await, [ALICE]);
    assert!(app.users.users().purge().await.unwrap() > 0);
    assert_eq!(app.database.count("dullahan_email_changes").await, 0);
}

async fn eml_01_asking_is_limited(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    for i in 0..5 {
        let change = app.client.change_email(&format!("alice@{i}.test")).bearer_auth(&bearer);
        change.answer().await.expect(202);
    }
    let refused = app.client.change_email(NEW).bearer_auth(&bearer).answer().await;
    refused.problem(429, "too_many_requests");
    assert_eq!(refused.headers["retry-after"], "3600");
    app.deliver_mails().await;
    assert_eq!(app.mailer.to(NEW).len(), 0);
    app.add_user(BOB).await;
    let of_bob = app.client.bearer(BOB).await;
    app.client.change_email(NEW).bearer_auth(&of_bob).answer().await.expect(202);
}

async fn eml_01_what_is_no_other_address_is_refused(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let before = app.database.dump().await;
    for (email, violation) in
        [(ALICE, "/email unchanged"), ("alice", "/email invalid_email"), ("", "/email required")]
    {
        let answer = app.client.change_email(email).bearer_auth(&bearer).answer().await;
        assert_eq!(answer.problem(422, "invalid"), [violation]);
    }
    app.client.change_email(NEW).answer().await.problem(401, "unauthenticated");
    assert_eq!(app.database.dump().await, before);
    // Another way to write it is another address as far as its owner is concerned.
    let (current, new) = ask(&app, &bearer, ALICE, "Alice@x.test").await;
    app.client.confirm_email(&current).answer().await.expect(200);
    app.client.confirm_email(&new).answer().await.expect(200);
    assert_eq!(emails(&app).await, ["Alice@x.test"]);
}

async fn eml_02_a_token_never_sets_an_address_that_its_mail_did_not_name(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let (current_of_new, new) = ask(&app, &bearer, ALICE, NEW).await;
    app.clock.advance(5 * MINUTE);
    let (current_of_other, other) = ask(&app, &bearer, ALICE, OTHER).await;
    assert_eq!(app.database.count("dullahan_email_changes").await, 1);
    for token in [&current_of_new, &new] {
        app.client.confirm_email(token).answer().await.problem(422, "token_invalid");
        app.client.cancel_email(token).answer().await.problem(422, "token_invalid");
    }
    app.client.confirm_email(&current_of_other).answer().await.expect(200);
    app.client.confirm_email(&other).answer().await.expect(200);
    assert_eq!(emails(&app).await, [OTHER]);
}

async fn eml_02_of_two_changes_asked_at_once_one_is_left(plan: Plan) {
    let app = plan.start_with_alice().await;
    for round in 1..=5 {
        app.clock.advance(2 * HOUR);
        let bearer = app.client.bearer(ALICE).await;
        let mut changes = JoinSet::new();
        for email in [NEW, OTHER, NEW, OTHER] {
            let request = app.client.change_email(email).bearer_auth(&bearer);
            changes.spawn(async move { request.answer().await });
        }
        for answer in changes.join_all().await {
            answer.expect(202);
        }
        let pending = app.database.texts("SELECT email FROM dullahan_email_changes").await;
        assert_eq!(pending.len(), 1, "round {round}");
        app.mailer.clear();
        app.deliver_mails().await;
        let not_pending = if pending[0] == NEW { OTHER } else { NEW };
        assert_eq!(app.mailer.to(not_pending).len(), 0, "round {round}");
        assert_eq!(app.mailer.to(&pending[0]).len(), 1, "round {round}");
        app.client.confirm_email(&app.mailer.token(ALICE)).answer().await.expect(200);
    }
    let pending = app.database.texts("SELECT email FROM dullahan_email_changes").await;
    app.client.confirm_email(&app.mailer.token(&pending[0])).answer().await.expect(200);
    assert_eq!(emails(&app).await, pending);
}

async fn eml_02_a_change_that_is_confirmed_while_another_is_asked_for_sets_no_other(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (mut from, mut to) = (ALICE, NEW);
    for round in 0..6 {
        app.clock.advance(2 * HOUR);
        let bearer = app.client.bearer(from).await;
        let (current, new) = ask(&app, &bearer, from, to).await;
        app.client.confirm_email(&current).answer().await.expect(200);
        let confirm = app.client.confirm_email(&new);
        let ask = app.client.change_email(OTHER).bearer_auth(&bearer);
        let (confirm, ask) = (tokio::spawn(confirm.send()), tokio::spawn(ask.send()));
        let confirmed = confirm.await.unwrap().unwrap().status().as_u16();
        let asked = ask.await.unwrap().unwrap().status().as_u16();
        assert!(matches!(confirmed, 200 | 422) && matches!(asked, 202 | 401), "round {round}");
        let expected = if confirmed == 200 { to } else { from };
        assert_eq!(emails(&app).await, [expected], "round {round}");
        assert!(app.database.count("dullahan_email_changes").await <= 1);
        if confirmed == 200 {
            (from, to) = (to, from);
        }
    }
}

async fn eml_02_twenty_confirmations_at_once_change_the_address_once(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let (current, new) = ask(&app, &bearer, ALICE, NEW).await;
    let mut confirmations = JoinSet::new();
    for i in 0..20 {
        let request = app.client.confirm_email(if i % 2 == 0 { &current } else { &new });
        confirmations.spawn(async move { request.answer().await });
    }
    let answers = confirmations.join_all().await;
    let (good, bad): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 200);
    assert_eq!((good.len(), bad.len()), (2, 18));
    for answer in bad {
        answer.problem(422, "token_invalid");
    }
    assert_eq!(emails(&app).await, [NEW]);
    app.deliver_mails().await;
    let told = app.mailer.subjects(ALICE);
    let told = told.iter().filter(|subject| subject.ends_with("has another address")).count();
    assert_eq!(told, 1);
}

async fn eml_03_a_taken_address_answers_like_a_free_one(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    let bearer = app.client.bearer(ALICE).await;
    let ask = |email| app.client.change_email(email).bearer_auth(&bearer);
    let free = ask(NEW).answer().await.expect(202);
    app.deliver_mails().await;
    app.clock.advance(5 * MINUTE);
    app.mailer.clear();
    assert_eq!(ask("BOB@X.test").answer().await, free);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(BOB), ["Your address at Stable"]);
    assert_eq!(app.mailer.subjects(ALICE), ["Another address for your account at Stable"]);
    assert_eq!(app.mailer.count(), 2);
    // Alice cannot tell from what she may do either.
    let answer = app.client.confirm_email(&app.mailer.token(ALICE)).answer().await.expect(200);
    assert_eq!(answer.json(), json!({ "awaiting": ["new"] }));
    let of_bob = app.client.log_in(BOB, PASSWORD).answer().await.expect(200);
    assert_eq!(of_bob.text("/user/email"), BOB);
}

async fn eml_03_an_address_that_is_taken_meanwhile_is_not_available(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let (current, new) = ask(&app, &bearer, ALICE, NEW).await;
    app.client.confirm_email(&current).answer().await.expect(200);
    app.add_user("alice@new.test").await;
    let before = app.database.dump().await;
    let refused = app.client.confirm_email(&new).answer().await;
    assert_eq!(refused.problem(422, "email_unavailable"), [""; 0]);
    assert_eq!(app.database.dump().await, before);
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn eml_03_two_users_who_want_one_address_get_it_once(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    let (of_alice, of_bob) = (app.client.bearer(ALICE).await, app.client.bearer(BOB).await);
    let (current_of_alice, alice) = ask(&app, &of_alice, ALICE, NEW).await;
    let (current_of_bob, bob) = ask(&app, &of_bob, BOB, NEW).await;
    for token in [&current_of_alice, &current_of_bob] {
        app.client.confirm_email(token).answer().await.expect(200);
    }
    let (alice, bob) = (app.client.confirm_email(&alice), app.client.confirm_email(&bob));
    let (alice, bob) = (tokio::spawn(alice.send()), tokio::spawn(bob.send()));
    let mut statuses = [
        alice.await.unwrap().unwrap().status().as_u16(),
        bob.await.unwrap().unwrap().status().as_u16(),
    ];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 422]);
    let new = format!("SELECT count(*) FROM dullahan_users WHERE email = '{NEW}'");
    assert_eq!(app.database.number(&new).await, 1);
}

async fn eml_03_made_up_and_foreign_tokens_answer_alike(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let (current, _) = ask(&app, &bearer, ALICE, NEW).await;
    let activation = app.register("pending@x.test").await;
    let before = app.database.dump().await;
    let refused = app.client.confirm_email(&"A".repeat(43)).answer().await;
    assert_eq!(refused.problem(422, "token_invalid"), [""; 0]);
    for token in [activation.as_str(), &bearer, &current[..42], &format!("{current}A"), "", "\0"] {
        assert_eq!(app.client.confirm_email(token).answer().await, refused, "{token}");
        assert_eq!(app.client.cancel_email(token).answer().await, refused, "{token}");
    }
    for path in ["/auth/email/confirm", "/auth/email/cancel"] {
        let missing = app.client.post(path, &json!({})).answer().await;
        assert_eq!(missing.problem(422, "invalid"), ["/token required"]);
    }
    for request in [app.client.activate(&current), app.client.reset(&current, OTHER_PASSWORD)] {
        assert_eq!(request.answer().await, refused);
    }
    assert_eq!(app.database.dump().await, before);
}
