//! What a [`MailQueue`](crate::port::MailQueue) does.

use std::collections::HashSet;

use dullahan_core::{BoxFuture, Context};

use crate::{
    domain::{EmailChangeId, MailId, MailKind, NewMail, OwedMail, RegistrationOrigin, UserId},
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{NOW, address, after, committed},
    },
};

async fn postpone(stores: &Stores, id: MailId, seconds: i64) {
    committed!(stores.mails.postpone(id, after(seconds)));
}

/// However often it is asked for meanwhile.
pub async fn a_mail_is_owed_once_until_it_is_sent(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let kind = MailKind::Activation;
    assert!(stores.owe(alice.id, kind, after(0)).await);
    // However long it waits.
    assert!(!stores.owe(alice.id, kind, after(9000)).await);

    let mail = stores.claim(0).await.unwrap();
    stores.sent(mail.id, 10).await;
    assert!(stores.owe(alice.id, kind, after(20)).await);
    assert!(!stores.owe(alice.id, kind, after(20)).await);
}

/// Each is a debt of its own.
pub async fn mails_to_others_and_of_other_kinds_are_owed_besides(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    assert!(stores.owe(alice.id, MailKind::Activation, NOW).await);
    assert!(stores.owe(alice.id, MailKind::AlreadyRegistered, NOW).await);
    assert!(stores.owe(bob.id, MailKind::Activation, NOW).await);
    let mut claimed = HashSet::new();
    while let Some(mail) = stores.claim(0).await {
        claimed.insert((mail.user_id, mail.kind));
    }
    let expected = [
        (alice.id, MailKind::Activation),
        (alice.id, MailKind::AlreadyRegistered),
        (bob.id, MailKind::Activation),
    ];
    assert_eq!(claimed, HashSet::from(expected));
}

/// And without an error for anybody.
///
/// # Rule
///
/// ASVS 5.0 item 15.4.2.
pub async fn of_fifty_debts_of_one_mail_at_once_one_is_new(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let tries = (0..50).map(|_| -> BoxFuture<'_, _> {
        Box::pin(stores.owe(alice.id, MailKind::AlreadyRegistered, NOW))
    });
    let new = all_at_once(tries).await.into_iter().filter(|new| *new).count();
    assert_eq!(new, 1);
    assert!(stores.claim(0).await.is_some());
    assert!(stores.claim(0).await.is_none());
}

/// As a mail of the module's own does.
pub async fn a_mail_of_the_application_goes_through_the_queue(stores: Stores) {
    const WELCOME: MailKind = MailKind::custom("welcome");
    const NEWS: MailKind = MailKind::custom("news");
    let alice = stores.user("alice@x.test").await;
    assert!(stores.owe(alice.id, WELCOME, NOW).await);
    assert!(!stores.owe(alice.id, WELCOME, NOW).await, "it is owed already");
    assert!(stores.owe(alice.id, NEWS, after(1)).await);
    let mail = stores.claim(0).await.unwrap();
    assert_eq!((mail.user_id, mail.kind), (alice.id, WELCOME));
    stores.sent(mail.id, 1).await;
    assert_eq!(stores.claim(1).await.unwrap().kind, NEWS);
    assert!(stores.owe(alice.id, WELCOME, after(2)).await, "and once more");
}

/// And with how often it was tried before.
pub async fn a_mail_is_claimed_with_what_it_takes_to_write_it(stores: Stores) {
    let alice = stores.user("Alice@x.test").await;
    committed!(stores.users.activate(alice.id, NOW));
    stores.owe(alice.id, MailKind::Activation, NOW).await;
    let first = stores.claim(0).await.unwrap();
    let expected = OwedMail {
        id: first.id,
        user_id: alice.id,
        email: alice.email,
        display_name: alice.display_name,
        locale: alice.locale,
        kind: MailKind::Activation,
        email_change_id: None,
        new_email: None,
        registration: None,
        closed_until: None,
        is_admitted: false,
        attempts: 0,
    };
    assert_eq!(first, expected);
    let again = stores.claim(60).await.unwrap();
    assert_eq!(again, OwedMail { attempts: 1, ..expected });
}

/// And none before.
pub async fn mails_are_claimed_in_the_order_in_which_they_are_due(stores: Stores) {
    let mut users = Vec::new();
    for (name, due) in [("c", 30), ("a", 10), ("b", 20)] {
        let user = stores.user(&format!("{name}@x.test")).await;
        stores.owe(user.id, MailKind::Activation, after(due)).await;
        users.push(user.id);
    }
    assert!(stores.claim(9).await.is_none());
    assert_eq!(stores.claim(10).await.unwrap().user_id, users[1]);
    assert!(stores.claim(10).await.is_none());
    assert_eq!(stores.claim(30).await.unwrap().user_id, users[2]);
    assert_eq!(stores.claim(30).await.unwrap().user_id, users[0]);
}

/// A worker that dies in between only delays it.
pub async fn a_claimed_mail_is_left_alone_until_its_lease_ends(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.owe(alice.id, MailKind::Activation, NOW).await;
    let mail = stores.claim(0).await.unwrap();
    assert!(stores.claim(59).await.is_none());
    assert_eq!(stores.claim(60).await.unwrap().id, mail.id);
}

/// A worker whose clock was ahead for forty days has postponed one, and has died with another one.
pub async fn ops_05_a_mail_that_is_due_later_than_any_pause_is_due(stores: Stores) {
    let days = 40 * 24 * 3600;
    for email in ["alice@x.test", "bob@x.test"] {
        let user = stores.user(email).await;
        stores.owe(user.id, MailKind::Activation, NOW).await;
    }
    let postponed = stores.claim(days).await.unwrap();
    postpone(&stores, postponed.id, days + 30).await;
    let leased = stores.claim(days).await.unwrap();
    let mut claimed = [stores.claim(0).await.unwrap().id, stores.claim(0).await.unwrap().id];
    claimed.sort_unstable();
    let mut expected = [postponed.id, leased.id];
    expected.sort_unstable();
    assert_eq!(claimed, expected);
    assert!(stores.claim(59).await.is_none(), "they are claimed again for a minute");
    // The longest pause there is, no longer.
    postpone(&stores, leased.id, 60 + 3600).await;
    assert_eq!(stores.claim(60).await.unwrap().id, postponed.id);
    assert!(stores.claim(60).await.is_none());
}

/// And word from a worker who comes too late changes nothing.
pub async fn a_postponed_mail_waits_and_a_sent_one_is_done(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.owe(alice.id, MailKind::Activation, NOW).await;
    let mail = stores.claim(0).await.unwrap();
    postpone(&stores, mail.id, 500).await;
    assert!(stores.claim(499).await.is_none());
    assert_eq!(stores.claim(500).await.unwrap().id, mail.id);

    stores.sent(mail.id, 510).await;
    assert!(stores.claim(5000).await.is_none());
    postpone(&stores, mail.id, 520).await;
    stores.sent(mail.id, 9000).await;
    assert!(stores.claim(5000).await.is_none());
    assert!(stores.owe(alice.id, MailKind::Activation, after(5000)).await);
}

/// Another one is another mail, with attempts of its own.
pub async fn a_mail_that_was_given_up_is_claimed_no_more_and_makes_way_for_another(stores: Stores) {
    let (alice, kind) = (stores.user("alice@x.test").await, MailKind::Activation);
    stores.owe(alice.id, kind, NOW).await;
    let mail = stores.claim(0).await.unwrap();
    committed!(stores.mails.give_up(mail.id, after(10)));
    postpone(&stores, mail.id, 20).await;
    stores.sent(mail.id, 30).await;
    assert!(stores.claim(5000).await.is_none());
    assert!(stores.owe(alice.id, kind, after(20)).await);

    let second = stores.claim(20).await.unwrap();
    assert_ne!(second.id, mail.id);
    assert_eq!(second.attempts, 0);
    assert_eq!(committed!(stores.mails.purge(after(11), 5)), 1);
}

/// And the rest go away with empty hands.
pub async fn ten_workers_at_once_claim_five_mails_once_each(stores: Stores) {
    for number in 0..5 {
        let user = stores.user(&format!("user{number}@x.test")).await;
        stores.owe(user.id, MailKind::Activation, NOW).await;
    }
    let workers = (0..10).map(|_| -> BoxFuture<'_, _> { Box::pin(stores.claim(0)) });
    let claimed: Vec<_> =
        all_at_once(workers).await.into_iter().flatten().map(|mail| mail.id).collect();
    assert_eq!(claimed.len(), 5);
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>().len(), 5);
}

/// Nobody else waits for its lease then.
pub async fn what_is_rolled_back_leaves_a_mail_unclaimed(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.owe(alice.id, MailKind::Activation, NOW).await;
    let claimed = stores.rolled_back(|stores, context| {
        Box::pin(async move {
            assert!(stores.mails.claim(context, NOW, after(60)).await?.is_some());
            Ok(())
        })
    });
    claimed.await;
    assert_eq!(stores.claim(0).await.unwrap().attempts, 0);
}

/// However often it is claimed. The one that takes its place is asked about again, and one that is withheld is owed no more.
pub async fn user_05_a_mail_is_admitted_once_or_withheld(stores: Stores) {
    let alice = stores.user("alice@x.test").await.id;
    stores.owe_mail(mail_to(alice, "one@x.test", None), NOW).await;
    let mail = stores.claim(0).await.unwrap();
    assert!(!mail.is_admitted);
    assert!(committed!(stores.mails.admit(mail.id)));
    let again = stores.claim(60).await.unwrap();
    assert_eq!((again.id, again.is_admitted, again.attempts), (mail.id, true, 1));
    stores.owe_mail(mail_to(alice, "two@x.test", None), after(70)).await;
    assert!(!committed!(stores.mails.admit(mail.id)), "it gave way");
    let other = stores.claim(120).await.unwrap();
    assert_eq!((other.email.as_str(), other.is_admitted), ("two@x.test", false));
    committed!(stores.mails.withhold(other.id));
    assert!(!committed!(stores.mails.admit(other.id)));
    assert!(stores.claim(9000).await.is_none());

    stores.owe(alice, MailKind::Activation, NOW).await;
    let sent = stores.claim(0).await.unwrap().id;
    stores.sent(sent, 1).await;
    assert!(!committed!(stores.mails.admit(sent)));
    committed!(stores.mails.withhold(sent));
    assert_eq!(committed!(stores.mails.purge(after(2), 9)), 1, "what was sent stays");
}

/// A mail to the address that an account is to have.
fn mail_to(user_id: UserId, recipient: &str, change: Option<EmailChangeId>) -> NewMail {
    NewMail {
        recipient: Some(address(recipient)),
        email_change_id: change,
        ..NewMail::new(user_id, MailKind::EmailChangeNew)
    }
}

/// Whoever registers an address, or wants an account to have it, may not write to its owner what they like.
pub async fn eml_01_a_mailbox_that_is_not_proven_gets_no_name(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.owe(alice.id, MailKind::PasswordReset, NOW).await;
    let mail = stores.claim(0).await.unwrap();
    assert_eq!(mail.display_name, None, "it is pending");
    let origin = RegistrationOrigin { at: NOW, address: Some([192, 0, 2, 7].into()) };
    assert_eq!(mail.registration, Some(origin));
    committed!(stores.users.activate(alice.id, NOW));
    let mail = stores.claim(60).await.unwrap();
    assert_eq!((mail.display_name, mail.registration), (alice.display_name, None));
}

/// With the language of the account, and without its name, as it goes elsewhere.
pub async fn eml_01_a_mail_goes_to_the_mailbox_that_it_is_owed_to(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    committed!(stores.users.activate(alice.id, NOW));
    let change = stores.change(alice.id, "New@x.test").await;
    assert!(stores.owe_mail(mail_to(alice.id, "New@x.test", Some(change.id)), NOW).await);
    let mail = stores.claim(0).await.unwrap();
    let expected = OwedMail {
        id: mail.id,
        user_id: alice.id,
        email: change.email,
        display_name: None,
        locale: alice.locale,
        kind: MailKind::EmailChangeNew,
        email_change_id: Some(change.id),
        new_email: Some(address("New@x.test")),
        registration: None,
        closed_until: None,
        is_admitted: false,
        attempts: 0,
    };
    assert_eq!(mail, expected);
}

/// The address of the account is the one that it has when the mail is written.
pub async fn a_mail_to_an_account_follows_it_to_its_address(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.owe(alice.id, MailKind::PasswordChanged, NOW).await;
    committed!(stores.users.change_email(alice.id, &address("new@x.test")));
    assert_eq!(stores.claim(0).await.unwrap().email, address("new@x.test"));
}

/// One mail of a kind waits, to the mailbox and about the change that were named last.
///
/// # Rule
///
/// CVE-2026-32700: what is confirmed is what the mail said.
pub async fn eml_02_a_mail_to_another_mailbox_or_about_another_change_takes_the_place(
    stores: Stores,
) {
    let alice = stores.user("alice@x.test").await;
    let one = stores.change(alice.id, "one@x.test").await;
    assert!(stores.owe_mail(mail_to(alice.id, "one@x.test", Some(one.id)), NOW).await);
    assert!(!stores.owe_mail(mail_to(alice.id, "ONE@x.test", Some(one.id)), NOW).await);
    assert!(stores.owe_mail(mail_to(alice.id, "two@x.test", Some(one.id)), after(1)).await);
    assert!(stores.owe_mail(mail_to(alice.id, "two@x.test", None), after(2)).await);
    assert!(!stores.owe_mail(mail_to(alice.id, "two@x.test", None), after(3)).await);

    assert!(stores.claim(1).await.is_none());
    let mail = stores.claim(2).await.unwrap();
    assert_eq!((mail.email, mail.email_change_id), (address("two@x.test"), None));
    assert!(stores.claim(2).await.is_none());
}

/// What the worker says of the mail that it had claimed is not said of the one in its place.
pub async fn eml_02_a_mail_that_gave_way_while_it_was_sent_is_not_taken_for_the_other(
    stores: Stores,
) {
    let alice = stores.user("alice@x.test").await;
    stores.owe_mail(mail_to(alice.id, "one@x.test", None), NOW).await;
    let one = stores.claim(0).await.unwrap();
    assert!(stores.owe_mail(mail_to(alice.id, "two@x.test", None), after(1)).await);
    stores.sent(one.id, 2).await;
    postpone(&stores, one.id, 900).await;

    let two = stores.claim(2).await.unwrap();
    assert_eq!((two.email, two.attempts), (address("two@x.test"), 0));
    assert_ne!(two.id, one.id);
}

/// All who have registered an address share its mailbox.
pub async fn user_03_registering_again_owes_no_mail_while_one_waits(stores: Stores) {
    let one = stores.user("alice@x.test").await.id;
    let two = stores.user("Alice@x.test").await.id;
    assert!(stores.owe(one, MailKind::Activation, NOW).await);
    assert!(!stores.owe(two, MailKind::Activation, NOW).await, "one waits");
    let mail = stores.claim(0).await.unwrap();
    assert!(!stores.owe(two, MailKind::Activation, NOW).await, "one is being sent");
    let other = stores.user("bob@x.test").await.id;
    assert!(stores.owe(other, MailKind::Activation, after(2)).await);
    stores.sent(mail.id, 1).await;
    assert!(stores.owe(two, MailKind::Activation, after(9)).await);
}

/// One of this kind to this user that is not sent. A worker that has it already has no say in one that is owed later.
pub async fn reg_02_a_mail_that_is_withdrawn_is_not_sent_and_others_are(stores: Stores) {
    let alice = stores.user("alice@x.test").await.id;
    let bob = stores.user("bob@x.test").await.id;
    assert!(!committed!(stores.mails.withdraw(alice, MailKind::Activation)));
    for (user, kind) in [
        (alice, MailKind::Activation),
        (alice, MailKind::AlreadyRegistered),
        (bob, MailKind::Activation),
    ] {
        assert!(stores.owe(user, kind, NOW).await);
    }
    let claimed = stores.claim(0).await.unwrap();
    assert_eq!((claimed.user_id, claimed.kind), (alice, MailKind::Activation));
    let is_owed = || async { stores.mails.is_owed(&Context::new(), claimed.id).await.unwrap() };
    assert!(is_owed().await);
    for was_there in [true, false] {
        assert_eq!(committed!(stores.mails.withdraw(alice, MailKind::Activation)), was_there);
    }
    assert!(!is_owed().await);
    stores.sent(claimed.id, 0).await;
    assert!(stores.owe(alice, MailKind::Activation, after(1)).await, "nothing was sent");
    let mut left = Vec::new();
    while let Some(mail) = stores.claim(1).await {
        left.push((mail.user_id, mail.kind));
        stores.sent(mail.id, 1).await;
    }
    let expected = [
        (alice, MailKind::AlreadyRegistered),
        (bob, MailKind::Activation),
        (alice, MailKind::Activation),
    ];
    assert_eq!(left, expected);
    // What was sent stays.
    assert!(!committed!(stores.mails.withdraw(alice, MailKind::Activation)));
}

/// For one who is removed, say. Others keep theirs.
pub async fn rem_01_all_mails_to_a_user_are_forgotten(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    stores.owe(alice.id, MailKind::Activation, NOW).await;
    let mail = stores.claim(0).await.unwrap();
    stores.sent(mail.id, 0).await;
    stores.owe(alice.id, MailKind::PasswordReset, NOW).await;
    stores.owe(bob.id, MailKind::PasswordReset, NOW).await;
    assert_eq!(committed!(stores.mails.delete_all(alice.id)), 2);
    assert_eq!(committed!(stores.mails.delete_all(alice.id)), 0);
    assert_eq!(stores.claim(0).await.unwrap().user_id, bob.id);
    assert!(stores.claim(0).await.is_none());
}

/// So many at a time, those that are owed never, and none twice.
pub async fn mails_that_were_sent_long_ago_are_forgotten(stores: Stores) {
    for (number, seconds) in [10, 20, 30, 40].into_iter().enumerate() {
        let user = stores.user(&format!("user{number}@x.test")).await;
        stores.owe(user.id, MailKind::Activation, NOW).await;
        let mail = stores.claim(0).await.unwrap();
        stores.sent(mail.id, seconds).await;
    }
    let waiting = stores.user("waiting@x.test").await;
    stores.owe(waiting.id, MailKind::Activation, after(-9999)).await;

    for forgotten in [2, 1, 0] {
        assert_eq!(committed!(stores.mails.purge(after(40), 2)), forgotten);
    }
    assert!(stores.claim(0).await.is_some());
    assert_eq!(committed!(stores.mails.purge(after(41), 2)), 1);
}
