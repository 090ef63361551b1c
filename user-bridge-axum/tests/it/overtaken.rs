//! What was begun, and finds that something else was done meanwhile.

use dullahan_core::CoreBuilder;
use dullahan_user::presentation::event::transport::{
    MintTokenProcess, ProveOwnPassword, VerifyPassword,
};
use tokio::task::JoinSet;

use crate::support::{
    ALICE, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, WRONG, gate::Gate, on_both_databases,
};

const NEW: &str = "alice@new.test";

on_both_databases!(
    pwd_08_logins_that_all_want_to_renew_the_hash_are_all_let_in,
    pwd_08_a_login_that_cannot_renew_the_hash_is_let_in_beside_one_that_does,
    ses_06_a_proof_from_before_the_password_was_changed_renews_no_session,
    ses_06_a_change_from_before_the_password_was_changed_changes_nothing,
    ses_06_of_two_proofs_at_once_with_one_token_one_counts,
    ses_06_a_token_for_a_former_mailbox_is_not_minted,
);

async fn pwd_08_logins_that_all_want_to_renew_the_hash_are_all_let_in(plan: Plan) {
    let app = plan.without_limit_of_passwords().start_with_alice().await;
    app.age_the_hash().await;
    let old = app.database.password_hash(ALICE).await;
    app.hasher.hold();
    let mut logins = JoinSet::new();
    for password in [PASSWORD, PASSWORD, PASSWORD, WRONG] {
        let login = app.client.log_in(ALICE, password);
        logins.spawn(async move { (password, login.answer().await.status) });
    }
    // All have read the hash as it is by then.
    app.hasher.wait_until_at_work(4).await;
    app.hasher.go_on();
    for (password, status) in logins.join_all().await {
        assert_eq!(status, if password == PASSWORD { 200 } else { 401 });
    }
    assert_ne!(app.database.password_hash(ALICE).await, old);
    assert_eq!(app.database.count("dullahan_sessions").await, 3);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
}

async fn pwd_08_a_login_that_cannot_renew_the_hash_is_let_in_beside_one_that_does(plan: Plan) {
    let gate = Gate::default();
    let held = gate.clone();
    let plan = plan.with(move |core: &mut CoreBuilder| {
        core.event::<VerifyPassword>().after(held);
    });
    let app = plan.start_with_alice().await;
    app.age_the_hash().await;
    gate.close();
    let slow = app.client.log_in(ALICE, PASSWORD);
    let slow = tokio::spawn(async move { slow.answer().await });
    gate.wait_until_reached().await;
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    app.hasher.turn_new_away(true);
    gate.open();
    slow.await.unwrap().expect(200);
}

fn holding_proofs(plan: Plan, gate: &Gate) -> Plan {
    let held = gate.clone();
    plan.with(move |core: &mut CoreBuilder| {
        core.event::<ProveOwnPassword>().after(held);
    })
}

async fn ses_06_a_proof_from_before_the_password_was_changed_renews_no_session(plan: Plan) {
    let gate = Gate::default();
    let app = holding_proofs(plan, &gate).start_with_alice().await;
    let stolen = app.client.bearer(ALICE).await;
    gate.close();
    let proof = app.client.reauthenticate(PASSWORD).bearer_auth(&stolen);
    let proof = tokio::spawn(async move { proof.answer().await });
    gate.wait_until_reached().await;
    let change = app.client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&stolen);
    let owned = change.answer().await.expect(200).text("/access_token");
    gate.open();
    proof.await.unwrap().problem(401, "unauthenticated");
    app.client.account_of_bearer(&owned).answer().await.expect(200);
    app.client.account_of_bearer(&stolen).answer().await.expect(401);
    assert_eq!(app.database.count("dullahan_sessions").await, 1);
}

async fn ses_06_a_change_from_before_the_password_was_changed_changes_nothing(plan: Plan) {
    let gate = Gate::default();
    let app = holding_proofs(plan, &gate).start_with_alice().await;
    let stolen = app.client.bearer(ALICE).await;
    gate.close();
    let change = app.client.change_password(PASSWORD, "ferret umbrella lamp shade");
    let change = change.bearer_auth(&stolen);
    let change = tokio::spawn(async move { change.answer().await });
    gate.wait_until_reached().await;
    let owner = app.client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&stolen);
    let owned = owner.answer().await.expect(200).text("/access_token");
    let before = app.database.password_hash(ALICE).await;
    gate.open();
    change.await.unwrap().problem(401, "unauthenticated");
    assert_eq!(app.database.password_hash(ALICE).await, before);
    app.client.account_of_bearer(&owned).answer().await.expect(200);
    app.client.log_in(ALICE, OTHER_PASSWORD).answer().await.expect(200);
}

async fn ses_06_of_two_proofs_at_once_with_one_token_one_counts(plan: Plan) {
    let gate = Gate::default();
    let app = holding_proofs(plan, &gate).start_with_alice().await;
    let token = app.client.bearer(ALICE).await;
    gate.close();
    let slow = app.client.reauthenticate(PASSWORD).bearer_auth(&token);
    let slow = tokio::spawn(async move { slow.answer().await });
    gate.wait_until_reached().await;
    let fast = app.client.reauthenticate(PASSWORD).bearer_auth(&token).answer().await;
    let renewed = fast.expect(200).text("/access_token");
    gate.open();
    slow.await.unwrap().problem(401, "unauthenticated");
    app.client.account_of_bearer(&renewed).answer().await.expect(200);
}

async fn ses_06_a_token_for_a_former_mailbox_is_not_minted(plan: Plan) {
    let gate = Gate::default();
    let held = gate.clone();
    let plan = plan.with(move |core: &mut CoreBuilder| {
        core.event::<MintTokenProcess>().before(held);
    });
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    app.client.change_email(NEW).bearer_auth(&bearer).answer().await.expect(202);
    app.deliver_mails().await;
    let (old, new) = (app.mailer.token(ALICE), app.mailer.token(NEW));
    app.mailer.clear();

    app.client.forgot(ALICE).answer().await.expect(202);
    gate.close();
    let users = app.users.users().clone();
    let worker = tokio::spawn(async move { users.deliver_mail().await });
    gate.wait_until_reached().await;
    for token in [old, new] {
        app.client.confirm_email(&token).answer().await.expect(200);
    }
    gate.open();
    worker.await.unwrap().unwrap();
    assert_eq!(app.mailer.to(ALICE).len(), 0);
    app.clock.advance(MINUTE);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), ["Your account at Stable has another address"]);
    // It is not sent to the new one either: what was asked for before the change is void.
    assert_eq!(app.mailer.count(), 1);
    app.client.forgot(NEW).answer().await.expect(202);
    app.deliver_mails().await;
    let token = app.mailer.token(NEW);
    app.client.reset(&token, OTHER_PASSWORD).answer().await.expect(204);
}
