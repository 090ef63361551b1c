//! `kill -9` at bad moments: what was acknowledged is there afterwards, and every owed mail goes out.

use std::{collections::BTreeSet, fs};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::json;
use tokio::{sync::mpsc, task::JoinSet};

use crate::{
    client::{Answer, Client, Send as _},
    home::{Home, eventually},
    server::Server,
};

const ADA: &str = "ada@example.org";

const OWED: &str = "SELECT count(*) FROM dullahan_owed_mails WHERE sent_at IS NULL";

const OWED_KINDS: &str = "SELECT kind FROM dullahan_owed_mails WHERE sent_at IS NULL";
const ASKED: &str = "SELECT count(*) FROM dullahan_mail_requests";

/// Starts the program and takes its mailbox away, so that no mail can be sent.
fn start_without_mailbox(home: &Home) -> Server {
    let server = home.start();
    fs::remove_dir_all(home.mailbox().path).unwrap();
    server
}

/// The mail goes out after all, its token works, and neither of its forms is anywhere in the database.
async fn expect_the_mail_after_a_restart(home: &Home) {
    home.let_mails_become_due().await;
    let server = home.start();
    let token = home.mailbox().wait_for_token(ADA).await;
    home.wait_until_all_mails_are_sent().await;
    assert_eq!(home.mailbox().mails_to(ADA).len(), 1);

    let expect_no_token = || {
        assert!(!home.database_holds(token.as_bytes()), "the token is in the database");
        let bytes = URL_SAFE_NO_PAD.decode(&token).unwrap();
        assert!(!home.database_holds(&bytes), "the bytes of the token are in the database");
    };
    expect_no_token();
    let client = server.client();
    client.activate(&token).answer().await.expect(204);
    client.log_in(ADA, "bearer").answer().await.expect(200);
    expect_no_token();
    server.kill();
    expect_no_token();
}

#[tokio::test]
async fn a_crash_between_the_commit_and_the_mail_only_delays_the_mail() {
    let home = Home::new();
    let server = start_without_mailbox(&home);
    server.client().register(ADA).answer().await.expect(202);
    server.kill();

    assert_eq!(home.number("SELECT count(*) FROM dullahan_users").await, 1);
    // Nobody has looked yet who holds the address, or the mail is owed.
    assert_eq!(home.number(ASKED).await + home.number(OWED).await, 1);
    assert!(home.mailbox().mails().is_empty());
    expect_the_mail_after_a_restart(&home).await;
}

#[tokio::test]
async fn a_crash_after_the_token_was_minted_and_before_the_mail_only_delays_the_mail() {
    let home = Home::new();
    let server = start_without_mailbox(&home);
    server.client().register(ADA).answer().await.expect(202);
    eventually("a token is minted in vain", async || {
        let minted = home.number("SELECT count(*) FROM dullahan_one_time_tokens").await;
        (minted > 0).then_some(())
    })
    .await;
    server.kill();

    assert_eq!(home.number(OWED).await, 1);
    assert_eq!(home.number("SELECT attempts FROM dullahan_owed_mails").await, 1);
    assert!(home.mailbox().mails().is_empty());
    expect_the_mail_after_a_restart(&home).await;
}

#[tokio::test]
async fn reg_09_a_mail_that_cannot_be_sent_is_put_off_and_sent_later_by_the_same_process() {
    let home = Home::new();
    let server = start_without_mailbox(&home);
    server.client().register(ADA).answer().await.expect(202);
    eventually("the mail is put off", async || {
        let put_off = "SELECT count(*) FROM dullahan_owed_mails WHERE attempts = 1 AND due_at < created_at + 45000 \
                       AND due_at > created_at";
        (home.number(put_off).await == 1).then_some(())
    })
    .await;
    assert_eq!(home.number("SELECT count(*) FROM dullahan_users").await, 1);
    assert!(home.log().contains("a mail could not be sent"), "{}", home.log());

    fs::create_dir(home.mailbox().path).unwrap();
    home.let_mails_become_due().await;
    let token = home.mailbox().wait_for_token(ADA).await;
    assert!(!home.log().contains(&token));
    server.client().activate(&token).answer().await.expect(204);
}

#[tokio::test]
async fn a_crash_after_a_forgotten_password_was_acknowledged_only_delays_the_mail() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    client.register(ADA).answer().await.expect(202);
    client.activate(&home.mailbox().wait_for_token(ADA).await).answer().await.expect(204);
    home.wait_until_all_mails_are_sent().await;
    fs::remove_dir_all(home.mailbox().path).unwrap();
    client.post("/auth/password/forgot", &json!({ "email": ADA })).answer().await.expect(202);
    server.kill();

    // Nobody has looked whose address it is yet, or the mail is owed.
    assert_eq!(home.number(ASKED).await + home.number(OWED).await, 1);
    home.let_mails_become_due().await;
    let server = home.start();
    let token = home.mailbox().wait_for(ADA, "A new password").await.token().unwrap();
    let reset = json!({ "token": token, "password": "another canary battery staple" });
    server.client().post("/auth/password/reset", &reset).answer().await.expect(204);
}

/// Activates Ada's account where no mail can be sent any more, and crashes.
async fn crash_after_an_activation(home: &Home) {
    let server = home.start();
    let client = server.client();
    client.register(ADA).answer().await.expect(202);
    let token = home.mailbox().wait_for_token(ADA).await;
    home.wait_until_all_mails_are_sent().await;
    fs::remove_dir_all(home.mailbox().path).unwrap();
    client.activate(&token).answer().await.expect(204);
    server.kill();
}

async fn expect_the_welcome_after_a_restart(home: &Home) {
    crash_after_an_activation(home).await;
    assert_eq!(home.texts(OWED_KINDS).await, ["app_welcome"]);
    home.let_mails_become_due().await;
    let _server = home.start();
    home.mailbox().wait_for(ADA, "Welcome").await;
    home.wait_until_all_mails_are_sent().await;
}

#[tokio::test]
async fn core_03_a_crash_after_an_activation_only_delays_the_welcome() {
    expect_the_welcome_after_a_restart(&Home::new()).await;
}

#[tokio::test]
async fn core_03_a_crash_after_an_activation_only_delays_the_welcome_on_postgres() {
    expect_the_welcome_after_a_restart(&Home::on_server().await).await;
}

/// Registers one address after the other until the server is gone, and tells of each that was acknowledged.
async fn register_until_it_dies(
    client: Client,
    name: String,
    acknowledged: mpsc::UnboundedSender<String>,
) {
    for i in 0.. {
        let address = format!("{name}.{i}@example.org");
        let Ok(response) = client.register(&address).send().await else { return };
        let Ok(answer) = Answer::of(response).await else { return };
        answer.expect(202);
        if acknowledged.send(address).is_err() {
            return;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_crashes_under_load_lose_no_account_and_no_mail() {
    ten_crashes_under_load(Home::new()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_crashes_under_load_lose_no_account_and_no_mail_on_postgres() {
    ten_crashes_under_load(Home::on_server().await).await;
}

async fn ten_crashes_under_load(home: Home) {
    let mut acknowledged = BTreeSet::new();
    for round in 0..10 {
        let server = home.start();
        let (sender, mut receiver) = mpsc::unbounded_channel();
        let mut load = JoinSet::new();
        for worker in 0..6 {
            let name = format!("round-{round}.worker-{worker}");
            load.spawn(register_until_it_dies(server.client(), name, sender.clone()));
        }
        drop(sender);
        for _ in 0..=round % 5 {
            acknowledged.insert(receiver.recv().await.unwrap());
        }
        server.kill();
        load.join_all().await;
        while let Some(address) = receiver.recv().await {
            acknowledged.insert(address);
        }
    }
    assert!(acknowledged.len() >= 10);

    home.let_mails_become_due().await;
    let server = home.start();
    home.wait_until_all_mails_are_sent().await;
    if !home.is_on_server() {
        assert_eq!(home.texts("PRAGMA integrity_check").await, ["ok"]);
    }
    let stored = home.texts("SELECT email FROM dullahan_users").await;
    let stored: BTreeSet<_> = stored.into_iter().collect();
    assert!(acknowledged.is_subset(&stored), "an acknowledged account is gone");
    let owing_nothing = "SELECT count(*) FROM dullahan_users WHERE id NOT IN \
                         (SELECT user_id FROM dullahan_owed_mails WHERE kind = 'activation')";
    assert_eq!(home.number(owing_nothing).await, 0, "a user was stored without the mail");

    let client = server.client();
    for (number, address) in stored.iter().enumerate() {
        // One address may not activate all of them in a minute.
        let from = format!("198.18.{}.{}", number / 250, number % 250);
        let activate = |token: &str| client.activate(token).header("x-forwarded-for", &from);
        // A crash between the mailer's word and ours sends a mail twice: then any of its tokens does.
        let mails = home.mailbox().mails_to(address);
        assert!(!mails.is_empty(), "no mail for {address}");
        let token = mails[0].token().unwrap();
        activate(&token).answer().await.expect(204);
        for other in &mails[1..] {
            let token = other.token().unwrap();
            activate(&token).answer().await.problem(422, "token_invalid");
        }
    }
    let active = "SELECT count(*) FROM dullahan_users WHERE status = 'active'";
    assert_eq!(usize::try_from(home.number(active).await).unwrap(), stored.len());
}
