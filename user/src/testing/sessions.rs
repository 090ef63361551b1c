//! What a [`SessionRepository`](crate::port::SessionRepository) does.

use dullahan_core::{BoxFuture, Context, ErrorKind, Result};

use crate::{
    domain::{
        Device, ListedSession, NewSession, Session, SessionId, SessionTransport, User, UserId,
    },
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{after, committed, digest, new_session},
    },
};

async fn insert(stores: &Stores, session: NewSession) -> Result<()> {
    let inserted = stores.process(|stores, context| {
        Box::pin(async move { stores.sessions.insert(context, &session).await })
    });
    inserted.await
}

async fn find(stores: &Stores, number: u8) -> Option<(Session, User)> {
    stores.sessions.find(&Context::new(), &digest(number)).await.unwrap()
}

async fn delete(stores: &Stores, id: SessionId) -> bool {
    committed!(stores.sessions.delete(id))
}

/// All that was stored comes back, for this digest and for no other.
pub async fn a_session_is_found_with_its_user_by_its_digest_alone(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    let of_alice = new_session(alice.id, 1);
    let mut of_bob = new_session(bob.id, 2);
    of_bob.session.transport = SessionTransport::Bearer;
    insert(&stores, of_alice.clone()).await.unwrap();
    insert(&stores, of_bob.clone()).await.unwrap();

    assert_eq!(find(&stores, 1).await, Some((of_alice.session, alice)));
    assert_eq!(find(&stores, 2).await, Some((of_bob.session, bob)));
    assert_eq!(find(&stores, 3).await, None);
}

/// Whether it still lives is for a policy to say.
pub async fn a_session_is_found_even_when_it_is_over(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let mut over = new_session(alice.id, 1);
    over.session.expires_at = after(-1000);
    insert(&stores, over.clone()).await.unwrap();
    assert_eq!(find(&stores, 1).await, Some((over.session, alice)));
}

/// A use that is reported late does not take the session back, and of many that are reported at once one is written.
pub async fn a_session_remembers_its_latest_use(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let (one, other) = (new_session(alice.id, 1), new_session(alice.id, 2));
    insert(&stores, one.clone()).await.unwrap();
    insert(&stores, other.clone()).await.unwrap();
    let id = one.session.id;
    for (seconds, expected) in [(62, 62), (30, 62), (121, 62), (122, 122), (123, 122)] {
        let unless_since = after(seconds - 60);
        committed!(stores.sessions.touch(id, after(seconds), unless_since));
        let expected = Session { last_seen_at: after(expected), ..one.session.clone() };
        assert_eq!(find(&stores, 1).await.unwrap().0, expected, "after {seconds} seconds");
    }
    assert_eq!(find(&stores, 2).await.unwrap().0, other.session);
}

/// By a clock that was ahead, and then is right.
pub async fn pub_06_a_use_in_the_future_is_written_over(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let session = new_session(alice.id, 1);
    insert(&stores, session.clone()).await.unwrap();
    let id = session.session.id;
    for (seconds, expected) in [(5000, 5000), (4941, 5000), (4940, 4940), (10, 10)] {
        committed!(stores.sessions.touch(id, after(seconds), after(seconds - 60)));
        let found = find(&stores, 1).await.unwrap().0;
        assert_eq!(found.last_seen_at, after(expected), "after {seconds} seconds");
    }
}

/// Its token is worth nothing from then on.
///
/// # Rule
///
/// ASVS 5.0 item 7.4.1.
pub async fn a_session_that_is_ended_is_gone_and_others_are_not(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let (one, other) = (new_session(alice.id, 1), new_session(alice.id, 2));
    insert(&stores, one.clone()).await.unwrap();
    insert(&stores, other).await.unwrap();
    assert!(delete(&stores, one.session.id).await);
    assert!(!delete(&stores, one.session.id).await);
    assert!(find(&stores, 1).await.is_none());
    assert!(find(&stores, 2).await.is_some());
}

/// A token that was drawn twice admits nobody to another's session.
pub async fn two_sessions_cannot_have_one_digest(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    insert(&stores, new_session(alice.id, 1)).await.unwrap();
    let refused = insert(&stores, new_session(bob.id, 1)).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Internal);
    assert_eq!(find(&stores, 1).await.unwrap().1, alice);
}

async fn list(stores: &Stores, user: UserId) -> Vec<ListedSession> {
    stores.sessions.list(&Context::new(), user, 100).await.unwrap()
}

/// Those of others are not among them, and one that is over is.
///
/// # Rule
///
/// ASVS 5.0 item 7.5.2.
pub async fn ses_05_a_user_lists_own_sessions_with_their_devices_the_latest_first(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    let mut expected = Vec::new();
    for (number, began) in [(1, 50), (2, 70), (3, 60)] {
        let mut new = new_session(alice.id, number);
        new.session.created_at = after(began);
        if number == 2 {
            new.device = Device::default();
            new.session.expires_at = after(-1);
        }
        if number == 3 {
            new.device = Device::new(None, Some("2001:db8::7".parse().unwrap()));
        }
        expected.push(ListedSession { session: new.session.clone(), device: new.device.clone() });
        insert(&stores, new).await.unwrap();
    }
    stores.session(bob.id, 4).await;
    expected.sort_by_key(|listed| std::cmp::Reverse(listed.session.created_at));
    assert_eq!(list(&stores, alice.id).await, expected);
    assert_eq!(list(&stores, UserId::new()).await, []);
}

/// It stays alive.
///
/// # Rule
///
/// ASVS 5.0 item 8.2.2.
pub async fn ses_05_a_session_of_another_user_is_not_ended(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    let of_bob = stores.session(bob.id, 1).await;
    assert!(!committed!(stores.sessions.delete_own(alice.id, of_bob)));
    assert!(find(&stores, 1).await.is_some());
    assert!(committed!(stores.sessions.delete_own(bob.id, of_bob)));
    assert!(!committed!(stores.sessions.delete_own(bob.id, of_bob)));
    assert!(find(&stores, 1).await.is_none());
}

/// That one is the session in use. Others keep theirs.
///
/// # Rule
///
/// ASVS 5.0 item 7.4.3.
pub async fn ses_06_all_sessions_of_a_user_end_but_one(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    let kept = stores.session(alice.id, 1).await;
    for number in [2, 3] {
        stores.session(alice.id, number).await;
    }
    let of_bob = stores.session(bob.id, 4).await;
    assert_eq!(committed!(stores.sessions.delete_all(alice.id, Some(kept))), 2);
    assert_eq!(committed!(stores.sessions.delete_all(alice.id, Some(kept))), 0);
    let ids: Vec<_> = list(&stores, alice.id).await.iter().map(|one| one.session.id).collect();
    assert_eq!(ids, [kept]);
    // One of somebody else is no exception.
    assert_eq!(committed!(stores.sessions.delete_all(alice.id, Some(of_bob))), 1);
    assert!(find(&stores, 4).await.is_some());
}

/// After a reset none stays.
///
/// # Rule
///
/// ASVS 5.0 item 7.4.3.
pub async fn ses_06_all_sessions_of_a_user_end_without_exception(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    for number in [1, 2] {
        stores.session(alice.id, number).await;
    }
    stores.session(bob.id, 3).await;
    assert_eq!(committed!(stores.sessions.delete_all(alice.id, None)), 2);
    assert_eq!(list(&stores, alice.id).await, []);
    assert_eq!(list(&stores, bob.id).await.len(), 1);
}

/// The session is the same otherwise, and others are as they were.
///
/// # Rule
///
/// ASVS 5.0 items 7.2.4 and 7.4.3.
pub async fn ses_06_a_renewed_session_is_found_by_its_new_token_alone(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let (one, other) = (new_session(alice.id, 1), new_session(alice.id, 2));
    insert(&stores, one.clone()).await.unwrap();
    insert(&stores, other.clone()).await.unwrap();
    let id = one.session.id;
    assert!(committed!(stores.sessions.renew(id, &digest(1), &digest(3), after(500))));

    assert!(find(&stores, 1).await.is_none());
    let expected = Session { authenticated_at: after(500), ..one.session };
    assert_eq!(find(&stores, 3).await.unwrap().0, expected);
    assert_eq!(find(&stores, 2).await.unwrap().0, other.session);
    let unknown = SessionId::new();
    assert!(!committed!(stores.sessions.renew(unknown, &digest(1), &digest(4), after(500))));
    for old in [1, 2, 4] {
        assert!(!committed!(stores.sessions.renew(id, &digest(old), &digest(4), after(600))));
    }
    assert_eq!(find(&stores, 3).await.unwrap().0, expected, "only whoever has its token renews it");
    assert!(find(&stores, 4).await.is_none());
}

/// Its user is not signed out by something that did not happen.
pub async fn what_is_rolled_back_leaves_a_session_its_token(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let id = stores.session(alice.id, 1).await;
    let renewed = stores.rolled_back(move |stores, context| {
        Box::pin(async move {
            assert!(stores.sessions.renew(context, id, &digest(1), &digest(2), after(500)).await?);
            assert!(stores.sessions.find(context, &digest(1)).await?.is_none());
            assert_eq!(stores.sessions.delete_all(context, alice.id, None).await?, 1);
            Ok(())
        })
    });
    renewed.await;
    assert_eq!(find(&stores, 1).await.unwrap().0.id, id);
    assert!(find(&stores, 2).await.is_none());
}

/// Those of others stay, and so does the new one where the clock has gone back. The list shows no more than are asked for.
pub async fn user_16_a_new_session_ends_those_that_were_not_used_for_the_longest_time(
    stores: Stores,
) {
    let alice = stores.user("alice@x.test").await.id;
    let bob = stores.user("bob@x.test").await.id;
    stores.session(bob, 90).await;
    let mut ids = Vec::new();
    for (number, began, seen) in [(1, 10, 70), (2, 20, 50), (3, 30, 60), (4, 40, 50), (5, 1, 1)] {
        let mut new = new_session(alice, number);
        new.session.created_at = after(began);
        new.session.last_seen_at = after(seen);
        ids.push(new.session.id);
        insert(&stores, new).await.unwrap();
    }
    let shown = stores.sessions.list(&Context::new(), alice, 3).await.unwrap();
    let shown: Vec<_> = shown.iter().map(|one| one.session.id).collect();
    assert_eq!(shown, [ids[3], ids[2], ids[0]], "the latest of those that were used last");

    let opened = ids[4];
    for (most, gone) in [(5, 0), (3, 2), (3, 0), (1, 2), (0, 0)] {
        assert_eq!(committed!(stores.sessions.end_surplus(alice, opened, most)), gone, "{most}");
        if most == 3 {
            let left: Vec<_> =
                list(&stores, alice).await.iter().map(|one| one.session.id).collect();
            assert_eq!(left, [ids[2], ids[0], opened]);
        }
    }
    assert_eq!(list(&stores, alice).await[0].session.id, opened);
    assert_eq!(list(&stores, bob).await.len(), 1);
}

/// Each looks once it has stored its own.
///
/// # Rule
///
/// ASVS 5.0 item 15.4.2.
pub async fn user_16_of_sessions_that_begin_at_once_none_is_too_many(stores: Stores) {
    let alice = stores.user("alice@x.test").await.id;
    let logins = (0..20).map(|number| -> BoxFuture<'_, _> {
        let new = new_session(alice, number);
        Box::pin(stores.process(move |stores, context| {
            Box::pin(async move {
                stores.sessions.insert(context, &new).await?;
                stores.sessions.end_surplus(context, alice, new.session.id, 3).await
            })
        }))
    });
    let ended: u64 = all_at_once(logins).await.into_iter().map(Result::unwrap).sum();
    assert_eq!(ended, 17);
    assert_eq!(list(&stores, alice).await.len(), 3);
}

/// So many at a time, and no live one.
pub async fn sessions_that_ended_or_were_not_used_for_long_are_forgotten(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    // Each with when it was last seen and when it ends. The first two are over in either way, one is in both.
    for (number, seen, ends) in
        [(1, 90, 10), (2, 90, 49), (3, 5, 90), (4, 29, 90), (5, 5, 10), (6, 30, 50)]
    {
        let mut new = new_session(alice.id, number);
        new.session.last_seen_at = after(seen);
        new.session.expires_at = after(ends);
        insert(&stores, new).await.unwrap();
    }
    for forgotten in [2, 2, 1, 0] {
        assert_eq!(committed!(stores.sessions.purge(after(50), after(30), 2)), forgotten);
    }
    assert!(find(&stores, 6).await.is_some());
}
