//! A password that is changed: PWD-10, SES-06 and SES-10.

use dullahan_user::presentation::event::transport::VerifyPassword;
use serde_json::json;

use crate::support::{
    ALICE, App, BOB, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, WRONG,
    client::CookieSession, gate::Gate, on_both_databases,
};

on_both_databases!(
    pwd_10_without_or_with_a_wrong_password_nothing_changes,
    pwd_10_tries_count_with_other_proofs_and_apart_from_logins,
    pwd_10_the_owner_is_told,
    pwd_10_a_weak_password_costs_no_check_of_the_present_one,
    ses_06_a_change_ends_all_other_sessions_and_renews_this_one,
    ses_06_a_cookie_session_goes_on_under_another_token,
    ses_06_tokens_and_changes_under_way_are_void,
    ses_10_a_change_needs_a_recent_proof,
    ses_08_every_answer_that_sets_the_cookie_sets_it_alike,
    rst_05_who_was_signed_out_by_a_reset_does_not_change_the_password_back,
    two_changes_at_once_leave_one_of_the_passwords,
    the_owner_is_told_of_each_change_however_soon_it_follows,
);

async fn pwd_10_without_or_with_a_wrong_password_nothing_changes(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let before = app.database.dump_without_attempts().await;
    app.hasher.take_counts();
    for (body, violations) in [
        (json!({ "new_password": OTHER_PASSWORD }), vec!["/current_password required"]),
        (json!({ "current_password": PASSWORD }), vec!["/new_password required"]),
        (json!({}), vec!["/current_password required", "/new_password required"]),
        (
            json!({ "current_password": 1, "new_password": "x" }),
            vec!["/current_password wrong_type"],
        ),
        (
            json!({ "current_password": PASSWORD, "new_password": OTHER_PASSWORD, "user_id": "x" }),
            vec!["/user_id unknown_member"],
        ),
    ] {
        let answer =
            app.client.post("/account/password", &body).bearer_auth(&bearer).answer().await;
        assert_eq!(answer.problem(422, "invalid"), violations, "{body}");
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    for wrong in [WRONG, "", &PASSWORD.to_uppercase(), &"a".repeat(5000)] {
        let change = app.client.change_password(wrong, OTHER_PASSWORD).bearer_auth(&bearer);
        let answer = change.answer().await;
        assert_eq!(answer.problem(422, "invalid"), ["/current_password wrong_password"]);
    }
    assert_eq!(app.database.dump_without_attempts().await, before);
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    let anonymous = app.client.change_password(PASSWORD, OTHER_PASSWORD);
    anonymous.answer().await.problem(401, "unauthenticated");
}

async fn pwd_10_tries_count_with_other_proofs_and_apart_from_logins(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.client.log_in(ALICE, WRONG).answer().await.expect(401);
    for _ in 0..4 {
        app.client.reauthenticate(WRONG).bearer_auth(&bearer).answer().await.expect(422);
    }
    let change =
        |password| app.client.change_password(password, OTHER_PASSWORD).bearer_auth(&bearer);
    change(WRONG).answer().await.expect(422);
    app.hasher.take_counts();
    let refused = change(PASSWORD).answer().await;
    refused.problem(429, "too_many_requests");
    assert_eq!(refused.headers["retry-after"], "900");
    let refused = app.client.reauthenticate(PASSWORD).bearer_auth(&bearer).answer().await;
    refused.problem(429, "too_many_requests");
    assert_eq!(app.hasher.take_counts(), (0, 0));
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    app.clock.advance(15 * MINUTE);
    change(PASSWORD).answer().await.expect(200);
    let guesses = "SELECT count(*) FROM dullahan_attempts WHERE attempts > 1";
    assert_eq!(app.database.number(guesses).await, 0, "the right one resets the count");
}

async fn pwd_10_the_owner_is_told(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.mailer.clear();
    let bearer = app.client.bearer(ALICE).await;
    let change = app.client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&bearer);
    change.answer().await.expect(200);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), ["Your password for Stable was changed"]);
    let text = &app.mailer.to(ALICE)[0].text;
    assert!(!text.contains(PASSWORD) && !text.contains(OTHER_PASSWORD));
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(401, "invalid_credentials");
    app.client.log_in(ALICE, OTHER_PASSWORD).answer().await.expect(200);
}

async fn pwd_10_a_weak_password_costs_no_check_of_the_present_one(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.hasher.take_counts();
    for (weak, code) in [
        ("short", "too_short"),
        ("alice@x.test alice", "guessable"),
        ("passwordpassword", "compromised"),
    ] {
        let change = app.client.change_password(PASSWORD, weak).bearer_auth(&bearer);
        let answer = change.answer().await;
        assert_eq!(answer.problem(422, "invalid"), [format!("/new_password {code}")]);
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
}

async fn ses_06_a_change_ends_all_other_sessions_and_renews_this_one(plan: Plan) {
    let app = plan.start_with_alice().await;
    app.add_user(BOB).await;
    let (bearer, other) = (app.client.bearer(ALICE).await, app.client.bearer(ALICE).await);
    let (cookie, of_bob) = (app.client.cookie(ALICE).await, app.client.bearer(BOB).await);
    let change = app.client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&bearer);
    let answer = change.answer().await.expect(200);
    let renewed = answer.text("/access_token");
    assert_eq!(answer.text("/token_type"), "Bearer");
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_ne!(renewed, bearer);
    for token in [&bearer, &other] {
        app.client.account_of_bearer(token).answer().await.problem(401, "unauthenticated");
    }
    app.client.account_of_cookie(&cookie).answer().await.problem(401, "unauthenticated");
    app.client.account_of_bearer(&renewed).answer().await.expect(200);
    app.client.account_of_bearer(&of_bob).answer().await.expect(200);
    assert_eq!(app.database.count("dullahan_sessions").await, 2);
}

async fn ses_06_a_cookie_session_goes_on_under_another_token(plan: Plan) {
    let app = plan.start_with_alice().await;
    let session = app.client.cookie(ALICE).await;
    let change = app.client.change_password(PASSWORD, OTHER_PASSWORD).on_own_page(&session);
    let answer = change.answer().await.expect(200);
    let renewed = CookieSession::of(&answer);
    assert!(answer.json().get("access_token").is_none());
    assert_ne!((&renewed.cookie, &renewed.csrf), (&session.cookie, &session.csrf));
    app.client.account_of_cookie(&session).answer().await.expect(401);
    app.client.account_of_cookie(&renewed).answer().await.expect(200);
    let mixed = CookieSession { csrf: session.csrf, ..renewed.clone() };
    app.client.log_out().on_own_page(&mixed).answer().await.problem(403, "csrf_token_invalid");
    app.client.log_out().on_own_page(&renewed).answer().await.expect(204);
}

async fn ses_06_tokens_and_changes_under_way_are_void(plan: Plan) {
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let reset = app.mailer.token(ALICE);
    app.client.change_email("new@x.test").bearer_auth(&bearer).answer().await.expect(202);
    app.deliver_mails().await;
    let (current, new) = (app.mailer.token(ALICE), app.mailer.token("new@x.test"));
    let change = app.client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&bearer);
    change.answer().await.expect(200);
    app.client.reset(&reset, PASSWORD).answer().await.problem(422, "token_invalid");
    for token in [current, new] {
        app.client.confirm_email(&token).answer().await.problem(422, "token_invalid");
    }
}

/// What asks for a recent proof, once the last one is too long ago.
async fn expect_a_challenge(app: &App, request: impl Fn() -> reqwest::RequestBuilder) {
    let before = app.database.dump().await;
    let refused = request().answer().await;
    assert_eq!(refused.problem(401, "reauthentication_required"), [""; 0]);
    let challenge = refused.headers["www-authenticate"].to_str().unwrap();
    assert!(challenge.starts_with("Bearer error=\"insufficient_user_authentication\""));
    assert!(challenge.ends_with("max_age=\"900\""), "{challenge}");
    assert_eq!(app.database.dump().await, before);
}

async fn ses_10_a_change_needs_a_recent_proof(plan: Plan) {
    let app = plan.start_with_alice().await;
    let (bearer, session) = (app.client.bearer(ALICE).await, app.client.cookie(ALICE).await);
    app.clock.advance(15 * MINUTE + std::time::Duration::from_millis(1));
    // So that the use of the sessions is written down already.
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.client.account_of_cookie(&session).answer().await.expect(200);
    app.hasher.take_counts();
    let client = &app.client;
    expect_a_challenge(&app, || {
        client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&bearer)
    })
    .await;
    expect_a_challenge(&app, || {
        client.change_password(PASSWORD, OTHER_PASSWORD).on_own_page(&session)
    })
    .await;
    expect_a_challenge(&app, || client.change_email(BOB).bearer_auth(&bearer)).await;
    expect_a_challenge(&app, || client.change_email(BOB).on_own_page(&session)).await;
    expect_a_challenge(&app, || client.remove_account().bearer_auth(&bearer)).await;
    expect_a_challenge(&app, || client.remove_account().on_own_page(&session)).await;
    assert_eq!(app.hasher.take_counts(), (0, 0));

    let renewed = client.reauthenticate(PASSWORD).on_own_page(&session).answer().await;
    let session = CookieSession::of(&renewed.expect(200));
    client.change_email(BOB).on_own_page(&session).answer().await.expect(202);
    let renewed = client.reauthenticate(PASSWORD).bearer_auth(&bearer).answer().await.expect(200);
    let bearer = renewed.text("/access_token");
    let change = client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&bearer);
    let bearer = change.answer().await.expect(200).text("/access_token");
    client.remove_account_with(OTHER_PASSWORD).bearer_auth(&bearer).answer().await.expect(204);
}

async fn ses_08_every_answer_that_sets_the_cookie_sets_it_alike(plan: Plan) {
    let app = plan.start_with_alice().await;
    let log_in = app.client.cookie_answer(ALICE, PASSWORD).await;
    let session = CookieSession::of(&log_in);
    let again = app.client.reauthenticate(PASSWORD).on_own_page(&session).answer().await;
    let session = CookieSession::of(&again);
    let change = app.client.change_password(PASSWORD, OTHER_PASSWORD).on_own_page(&session);
    let change = change.answer().await;
    // A login and a change of the password also mark the device.
    for (answer, count) in [(log_in, 2), (again, 1), (change, 2)] {
        let cookies: Vec<_> = answer.headers.get_all("set-cookie").iter().collect();
        assert_eq!(cookies.len(), count);
        let (cookie, attributes) = cookies[0].to_str().unwrap().split_once("; ").unwrap();
        assert!(cookie.starts_with("__Host-session=") && cookie.len() == 15 + 43, "{cookie}");
        assert_eq!(attributes, "HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=2592000");
        assert_eq!(answer.headers["cache-control"], "no-store");
    }
}

async fn rst_05_who_was_signed_out_by_a_reset_does_not_change_the_password_back(plan: Plan) {
    let gate = Gate::default();
    let listener = gate.clone();
    let plan = plan.with(|core| {
        core.event::<VerifyPassword>().after(listener);
    });
    let app = plan.start_with_alice().await;
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let token = app.mailer.token(ALICE);
    // Somebody else knows the password and is signed in, when Alice resets it.
    let bearer = app.client.bearer(ALICE).await;
    gate.close();
    let change = app.client.change_password(PASSWORD, "velvet ostrich marmalade trombone");
    let change = change.bearer_auth(&bearer);
    let change = tokio::spawn(async move { change.answer().await });
    gate.wait_until_reached().await;
    app.client.reset(&token, OTHER_PASSWORD).answer().await.expect(204);
    gate.open();
    change.await.unwrap().problem(401, "unauthenticated");
    app.client.log_in(ALICE, OTHER_PASSWORD).answer().await.expect(200);
    assert_eq!(app.database.count("dullahan_sessions").await, 1);
}

async fn two_changes_at_once_leave_one_of_the_passwords(plan: Plan) {
    let app = plan.without_limit_of_passwords().start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let (mut changes, mut changed) = (tokio::task::JoinSet::new(), 0);
    let passwords = |i: usize| format!("{OTHER_PASSWORD} {i}");
    for i in 0..8 {
        let request = app.client.change_password(PASSWORD, &passwords(i)).bearer_auth(&bearer);
        changes.spawn(async move { request.answer().await });
    }
    for answer in changes.join_all().await {
        assert!([200, 401, 422].contains(&answer.status), "{answer:?}");
        changed += usize::from(answer.status == 200);
    }
    assert_eq!(changed, 1);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(401);
    let mut good = 0;
    for i in 0..8 {
        good += usize::from(app.client.log_in(ALICE, &passwords(i)).answer().await.status == 200);
    }
    assert_eq!(good, 1);
}

async fn the_owner_is_told_of_each_change_however_soon_it_follows(plan: Plan) {
    let app = plan.start_with_alice().await;
    let mut bearer = app.client.bearer(ALICE).await;
    for (old, new) in [(PASSWORD, OTHER_PASSWORD), (OTHER_PASSWORD, PASSWORD)] {
        let change = app.client.change_password(old, new).bearer_auth(&bearer).answer().await;
        bearer = change.expect(200).text("/access_token");
        app.deliver_mails().await;
    }
    let told = app.mailer.subjects(ALICE).into_iter().filter(|it| it.contains("was changed"));
    assert_eq!(told.count(), 2);
}
