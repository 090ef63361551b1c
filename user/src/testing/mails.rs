//! What a [`MailQueue`](crate::port::MailQueue) does.

use std::collections::HashSet;

use dullahan_core::BoxFuture;

use crate::{
    domain::{MailId, MailKind, OwedMail},
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{NOW, after},
    },
};

/// Claims as of so many seconds, for a minute.
async fn claim(stores: &Stores, seconds: i64) -> Option<OwedMail> {
    let claimed = stores.process(move |stores, context| {
        Box::pin(
            async move { stores.mails.claim(context, after(seconds), after(seconds + 60)).await },
        )
    });
    claimed.await.unwrap()
}

async fn sent(stores: &Stores, id: MailId, seconds: i64) {
    let noted = stores.process(move |stores, context| {
        Box::pin(async move { stores.mails.sent(context, id, after(seconds)).await })
    });
    noted.await.unwrap();
}

async fn postpone(stores: &Stores, id: MailId, seconds: i64) {
    let noted = stores.process(move |stores, context| {
        Box::pin(async move { stores.mails.postpone(context, id, after(seconds)).await })
    });
    noted.await.unwrap();
}

/// So that nobody can have another's mailbox filled.
pub async fn a_mail_is_owed_once_until_it_was_sent_long_ago(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let kind = MailKind::Activation;
    assert!(stores.owe(alice.id, kind, after(0), after(-3600)).await);
    // However long it waits.
    assert!(!stores.owe(alice.id, kind, after(9000), after(5400)).await);

    let mail = claim(&stores, 0).await.unwrap();
    sent(&stores, mail.id, 10).await;
    assert!(!stores.owe(alice.id, kind, after(20), after(9)).await);
    assert!(stores.owe(alice.id, kind, after(20), after(10)).await);
    assert!(!stores.owe(alice.id, kind, after(20), after(10)).await);
}

/// Each is a debt of its own.
pub async fn mails_to_others_and_of_other_kinds_are_owed_besides(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    assert!(stores.owe(alice.id, MailKind::Activation, NOW, after(-60)).await);
    assert!(stores.owe(alice.id, MailKind::AlreadyRegistered, NOW, after(-60)).await);
    assert!(stores.owe(bob.id, MailKind::Activation, NOW, after(-60)).await);
    let mut claimed = HashSet::new();
    while let Some(mail) = claim(&stores, 0).await {
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
        Box::pin(stores.owe(alice.id, MailKind::AlreadyRegistered, NOW, after(-60)))
    });
    let new = all_at_once(tries).await.into_iter().filter(|new| *new).count();
    assert_eq!(new, 1);
    assert!(claim(&stores, 0).await.is_some());
    assert!(claim(&stores, 0).await.is_none());
}

/// And with how often it was tried before.
pub async fn a_mail_is_claimed_with_what_it_takes_to_write_it(stores: Stores) {
    let alice = stores.user("Alice@x.test").await;
    stores.owe(alice.id, MailKind::Activation, NOW, after(-60)).await;
    let first = claim(&stores, 0).await.unwrap();
    let expected = OwedMail {
        id: first.id,
        user_id: alice.id,
        email: alice.email,
        display_name: alice.display_name,
        kind: MailKind::Activation,
        attempts: 0,
    };
    assert_eq!(first, expected);
    let again = claim(&stores, 60).await.unwrap();
    assert_eq!(again, OwedMail { attempts: 1, ..expected });
}

/// And none before.
pub async fn mails_are_claimed_in_the_order_in_which_they_are_due(stores: Stores) {
    let mut users = Vec::new();
    for (name, due) in [("c", 30), ("a", 10), ("b", 20)] {
        let user = stores.user(&format!("{name}@x.test")).await;
        stores.owe(user.id, MailKind::Activation, after(due), after(-60)).await;
        users.push(user.id);
    }
    assert!(claim(&stores, 9).await.is_none());
    assert_eq!(claim(&stores, 10).await.unwrap().user_id, users[1]);
    assert!(claim(&stores, 10).await.is_none());
    assert_eq!(claim(&stores, 30).await.unwrap().user_id, users[2]);
    assert_eq!(claim(&stores, 30).await.unwrap().user_id, users[0]);
}

/// A worker that dies in between only delays it.
pub async fn a_claimed_mail_is_left_alone_until_its_lease_ends(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.owe(alice.id, MailKind::Activation, NOW, after(-60)).await;
    let mail = claim(&stores, 0).await.unwrap();
    assert!(claim(&stores, 59).await.is_none());
    assert_eq!(claim(&stores, 60).await.unwrap().id, mail.id);
}

/// And word from a worker who comes too late changes nothing.
pub async fn a_postponed_mail_waits_and_a_sent_one_is_done(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.owe(alice.id, MailKind::Activation, NOW, after(-60)).await;
    let mail = claim(&stores, 0).await.unwrap();
    postpone(&stores, mail.id, 500).await;
    assert!(claim(&stores, 499).await.is_none());
    assert_eq!(claim(&stores, 500).await.unwrap().id, mail.id);

    sent(&stores, mail.id, 510).await;
    assert!(claim(&stores, 5000).await.is_none());
    postpone(&stores, mail.id, 520).await;
    sent(&stores, mail.id, 9000).await;
    assert!(claim(&stores, 5000).await.is_none());
    assert!(stores.owe(alice.id, MailKind::Activation, after(5000), after(510)).await);
}

/// And the rest go away with empty hands.
pub async fn ten_workers_at_once_claim_five_mails_once_each(stores: Stores) {
    for number in 0..5 {
        let user = stores.user(&format!("user{number}@x.test")).await;
        stores.owe(user.id, MailKind::Activation, NOW, after(-60)).await;
    }
    let workers = (0..10).map(|_| -> BoxFuture<'_, _> { Box::pin(claim(&stores, 0)) });
    let claimed: Vec<_> =
        all_at_once(workers).await.into_iter().flatten().map(|mail| mail.id).collect();
    assert_eq!(claimed.len(), 5);
    assert_eq!(claimed.into_iter().collect::<HashSet<_>>().len(), 5);
}

/// Nobody else waits for its lease then.
pub async fn what_is_rolled_back_leaves_a_mail_unclaimed(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.owe(alice.id, MailKind::Activation, NOW, after(-60)).await;
    let claimed = stores.rolled_back(|stores, context| {
        Box::pin(async move {
            assert!(stores.mails.claim(context, NOW, after(60)).await?.is_some());
            Ok(())
        })
    });
    claimed.await;
    assert_eq!(claim(&stores, 0).await.unwrap().attempts, 0);
}
