//! Many requests at once.

use crate::{client::Send as _, home::Home};

#[tokio::test(flavor = "multi_thread")]
async fn reg_04_fifty_registrations_of_one_address_at_once_make_one_user_and_one_mail() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    let requests: Vec<_> = (0..50_u32)
        .map(|i| {
            let name: String = ("alice".chars().enumerate())
                .map(|(at, c)| if i >> at & 1 == 1 { c.to_ascii_uppercase() } else { c })
                .collect();
            let domain = if i % 2 == 0 { "example.org" } else { "EXAMPLE.org" };
            // One address may not register so often in a minute.
            let from = format!("198.18.0.{i}");
            let request = client.register(&format!("{name}@{domain}"));
            let request = request.header("x-forwarded-for", from);
            tokio::spawn(async move { request.answer().await })
        })
        .collect();
    let mut answers = Vec::new();
    for request in requests {
        let answer = request.await.unwrap().expect(202);
        let mut headers = answer.headers;
        headers.remove("date");
        answers.push((headers, answer.body));
    }
    assert!(answers.iter().all(|answer| *answer == answers[0]), "one answer differs");

    let mails = "SELECT kind FROM dullahan_owed_mails";
    home.wait_until_all_mails_are_sent().await;
    assert_eq!(home.texts(mails).await, ["activation"]);
    let stored = home.texts("SELECT email FROM dullahan_users").await;
    let mails = home.mailbox().mails();
    assert_eq!(mails.len(), 1);
    assert!(stored.contains(&mails[0].to));
    // Who has not proven the mailbox holds no address: with the token one does, and the others are gone.
    client.activate(&mails[0].token().unwrap()).answer().await.expect(204);
    assert_eq!(home.number("SELECT count(*) FROM dullahan_users").await, 1);
    assert_eq!(home.log(), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_activations_at_once_with_one_token_activate_once() {
    let home = Home::new();
    let server = home.start();
    let client = server.client();
    client.register("ada@example.org").answer().await.expect(202);
    let token = home.mailbox().wait_for_token("ada@example.org").await;
    let requests: Vec<_> = (0..20)
        .map(|_| {
            let request = client.activate(&token);
            tokio::spawn(async move { request.answer().await })
        })
        .collect();
    for request in requests {
        request.await.unwrap().expect(204);
    }
    home.mailbox().wait_for("ada@example.org", "Welcome").await;
    assert_eq!(home.mailbox().mails_to("ada@example.org").len(), 2, "one welcome");
}
