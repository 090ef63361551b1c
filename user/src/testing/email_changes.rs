//! What an [`EmailChangeRepository`](crate::port::EmailChangeRepository) does.

use dullahan_core::{BoxFuture, Context};

use crate::{
    domain::{EmailChange, EmailChangeId, MailKind, Mailbox, NewMail, TokenPurpose, UserId},
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{NOW, address, after, committed, new_change},
    },
};

async fn find(stores: &Stores, user: UserId) -> Option<EmailChange> {
    stores.email_changes.find_of_user(&Context::new(), user).await.unwrap()
}

async fn confirm(stores: &Stores, id: EmailChangeId, mailbox: Mailbox) -> Option<EmailChange> {
    committed!(stores.email_changes.confirm(id, mailbox, after(999)))
}

impl Stores {
    /// Gives a change two tokens, that number and the next one, and an unsent mail.
    async fn belongings(&self, change: &EmailChange, number: u8) {
        let (user, id) = (change.user_id, Some(change.id));
        let purposes = [TokenPurpose::EmailChangeCurrent, TokenPurpose::EmailChangeNew];
        for (purpose, number) in purposes.into_iter().zip(number..) {
            self.token_for(user, number, purpose, id, after(1000)).await;
        }
        let mail = NewMail {
            recipient: Some(change.email.clone()),
            email_change_id: id,
            ..NewMail::new(user, MailKind::EmailChangeNew)
        };
        assert!(self.owe_mail(mail, NOW).await);
    }
}

/// Whether it has lapsed or not, and for its user alone.
pub async fn a_change_is_found_as_it_was_stored(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    let change = EmailChange {
        email: address("Zoë.New@x.test"),
        confirmed_by_new: true,
        expires_at: after(-1000),
        ..new_change(alice.id, "new@x.test")
    };
    let stored = change.clone();
    committed!(stores.email_changes.replace(&stored));
    assert_eq!(find(&stores, alice.id).await, Some(change));
    assert_eq!(find(&stores, bob.id).await, None);
    // Two may want the same address until one of them has it.
    stores.change(bob.id, "zoë.new@x.test").await;
}

/// With the tokens and the unsent mails of the earlier one. Those of others stay.
///
/// # Rule
///
/// CVE-2026-32700: confirming what was asked for first never sets what was asked for then.
pub async fn eml_02_a_later_change_takes_the_place_of_an_earlier_one_and_all_its_tokens(
    stores: Stores,
) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    let first = stores.change(alice.id, "a@x.test").await;
    stores.belongings(&first, 1).await;
    stores.token_for(alice.id, 9, TokenPurpose::PasswordReset, None, after(1000)).await;
    let of_bob = stores.change(bob.id, "c@x.test").await;
    stores.belongings(&of_bob, 5).await;

    let second = stores.change(alice.id, "b@x.test").await;
    assert_eq!(find(&stores, alice.id).await, Some(second.clone()));
    assert_eq!(stores.consume_for(1, TokenPurpose::EmailChangeCurrent, NOW).await, None);
    assert_eq!(stores.consume_for(2, TokenPurpose::EmailChangeNew, NOW).await, None);
    assert_eq!(confirm(&stores, first.id, Mailbox::New).await, None);
    assert_eq!(find(&stores, alice.id).await, Some(second.clone()));

    // The token of the second one leads to the second one.
    stores.belongings(&second, 3).await;
    let grant = stores.consume_for(4, TokenPurpose::EmailChangeNew, NOW).await.unwrap();
    assert_eq!((grant.user_id, grant.email_change_id), (alice.id, Some(second.id)));
    assert!(stores.consume_for(9, TokenPurpose::PasswordReset, NOW).await.is_some());
    let mut mails = Vec::new();
    while let Some(mail) = stores.claim(0).await {
        mails.push((mail.user_id, mail.email.as_str().to_owned()));
    }
    mails.sort();
    let mut expected =
        [(alice.id, "b@x.test".to_owned()), (bob.id, "c@x.test".to_owned())].to_vec();
    expected.sort();
    assert_eq!(mails, expected);
    assert_eq!(find(&stores, bob.id).await, Some(of_bob));
}

/// One of those that were asked for, and without an error for anybody.
pub async fn eml_02_of_twenty_changes_of_one_user_at_once_one_is_left(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let changes: Vec<_> =
        (0..20).map(|number| new_change(alice.id, &format!("new{number}@x.test"))).collect();
    let tries = changes.iter().map(|change| -> BoxFuture<'_, _> {
        let (stores, change) = (&stores, change.clone());
        Box::pin(async move { committed!(stores.email_changes.replace(&change)) })
    });
    all_at_once(tries).await;
    let left = find(&stores, alice.id).await.unwrap();
    assert!(changes.contains(&left));
    assert!(committed!(stores.email_changes.delete_of_user(alice.id)));
    assert_eq!(find(&stores, alice.id).await, None);
}

/// Whoever agrees to the one has not agreed to the other, in whatever order they come.
pub async fn eml_02_a_change_and_a_confirmation_of_the_earlier_one_at_once_do_not_mix(
    stores: Stores,
) {
    for round in 0..10 {
        let alice = stores.user(&format!("alice{round}@x.test")).await;
        let first = stores.change(alice.id, "a@x.test").await;
        let purpose = TokenPurpose::EmailChangeNew;
        stores.token_for(alice.id, 1, purpose, Some(first.id), after(1000)).await;
        let second = new_change(alice.id, "b@x.test");
        let confirm_first = async {
            let Some(grant) = stores.consume_for(1, purpose, NOW).await else { return };
            assert_eq!(grant.email_change_id, Some(first.id));
            if let Some(confirmed) = confirm(&stores, first.id, Mailbox::New).await {
                assert_eq!((confirmed.id, confirmed.email), (first.id, first.email.clone()));
            }
        };
        let replace = async {
            let (stores, second) = (&stores, second.clone());
            committed!(stores.email_changes.replace(&second));
        };
        let both: [BoxFuture<'_, ()>; 2] = [Box::pin(confirm_first), Box::pin(replace)];
        all_at_once(both).await;
        assert_eq!(find(&stores, alice.id).await, Some(second));
        assert_eq!(stores.consume_for(1, purpose, NOW).await, None);
    }
}

/// Each for itself, and as often as it likes; a change that has lapsed or is not there is nobody's.
pub async fn both_mailboxes_agree_to_a_change(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    let change = stores.change(alice.id, "new@x.test").await;
    let of_bob = stores.change(bob.id, "other@x.test").await;
    let id = change.id;
    let lapsed = committed!(stores.email_changes.confirm(id, Mailbox::New, after(1000)));
    assert_eq!(lapsed, None);
    assert_eq!(confirm(&stores, EmailChangeId::new(), Mailbox::New).await, None);

    let by_new = EmailChange { confirmed_by_new: true, ..change };
    for _ in 0..2 {
        assert_eq!(confirm(&stores, id, Mailbox::New).await, Some(by_new.clone()));
    }
    let by_both = EmailChange { confirmed_by_current: true, ..by_new };
    assert_eq!(confirm(&stores, id, Mailbox::Current).await, Some(by_both.clone()));
    assert_eq!(find(&stores, alice.id).await, Some(by_both));
    assert_eq!(find(&stores, bob.id).await, Some(of_bob));
}

/// So that what follows the last agreement happens once.
pub async fn eml_02_of_both_mailboxes_at_once_one_is_the_last(stores: Stores) {
    for round in 0..10 {
        let alice = stores.user(&format!("alice{round}@x.test")).await;
        let change = stores.change(alice.id, "new@x.test").await;
        let agreeing = [Mailbox::Current, Mailbox::New]
            .map(|mailbox| -> BoxFuture<'_, _> { Box::pin(confirm(&stores, change.id, mailbox)) });
        let last = all_at_once(agreeing)
            .await
            .into_iter()
            .filter(|change| change.as_ref().unwrap().awaiting().is_empty())
            .count();
        assert_eq!(last, 1);
    }
}

/// By its identifier or by its user, with its tokens and its unsent mails. Others stay.
pub async fn a_change_that_is_stopped_is_gone_with_its_tokens(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    for by_user in [false, true] {
        let change = stores.change(alice.id, "new@x.test").await;
        stores.belongings(&change, 1).await;
        let deleted = if by_user {
            committed!(stores.email_changes.delete_of_user(alice.id))
        } else {
            committed!(stores.email_changes.delete(change.id))
        };
        assert!(deleted);
        assert_eq!(find(&stores, alice.id).await, None);
        assert_eq!(stores.consume_for(1, TokenPurpose::EmailChangeCurrent, NOW).await, None);
        assert_eq!(stores.consume_for(2, TokenPurpose::EmailChangeNew, NOW).await, None);
        assert_eq!(stores.claim(0).await, None);
        assert!(!committed!(stores.email_changes.delete(change.id)));
    }
    let of_bob = stores.change(bob.id, "new@x.test").await;
    assert!(!committed!(stores.email_changes.delete_of_user(alice.id)));
    assert_eq!(find(&stores, bob.id).await, Some(of_bob));
}

/// So many at a time, and none that can still be agreed to.
pub async fn changes_that_lapsed_are_forgotten_with_their_tokens(stores: Stores) {
    let mut last = None;
    for (number, seconds) in [(1, 10), (3, 20), (5, 30), (7, 40)] {
        let user = stores.user(&format!("user{number}@x.test")).await;
        let change =
            EmailChange { expires_at: after(seconds), ..new_change(user.id, "new@x.test") };
        let stored = change.clone();
        committed!(stores.email_changes.replace(&stored));
        stores.belongings(&change, number).await;
        last = Some(change);
    }
    for forgotten in [2, 1, 0] {
        assert_eq!(committed!(stores.email_changes.purge(after(40), 2)), forgotten);
    }
    assert_eq!(stores.consume_for(5, TokenPurpose::EmailChangeCurrent, NOW).await, None);
    let last = last.unwrap();
    assert_eq!(stores.claim(0).await.unwrap().user_id, last.user_id);
    assert_eq!(stores.claim(0).await, None);
    assert!(stores.consume_for(7, TokenPurpose::EmailChangeCurrent, NOW).await.is_some());
    assert_eq!(find(&stores, last.user_id).await, Some(last));
}

/// Nothing was asked for and nobody has agreed.
pub async fn what_is_rolled_back_leaves_a_change_as_it_was(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let change = stores.change(alice.id, "new@x.test").await;
    stores.belongings(&change, 1).await;
    let (user, id) = (alice.id, change.id);
    let confirmed = stores.rolled_back(move |stores, context| {
        Box::pin(async move {
            let changes = &stores.email_changes;
            let confirmed = changes.confirm(context, id, Mailbox::New, NOW).await?.unwrap();
            assert_eq!(changes.find_of_user(context, user).await?, Some(confirmed));
            changes.replace(context, &new_change(user, "other@x.test")).await
        })
    });
    confirmed.await;
    assert_eq!(find(&stores, alice.id).await, Some(change));
    assert!(stores.consume_for(2, TokenPurpose::EmailChangeNew, NOW).await.is_some());
}
