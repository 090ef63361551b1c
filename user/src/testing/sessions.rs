//! What a [`SessionRepository`](crate::port::SessionRepository) does.

use dullahan_core::{Context, Fault, Result};

use crate::{
    domain::{NewSession, Session, SessionId, SessionTransport, User},
    testing::{
        Stores,
        samples::{after, digest, new_session},
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
    let deleted = stores.process(move |stores, context| {
        Box::pin(async move { stores.sessions.delete(context, id).await })
    });
    deleted.await.unwrap()
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

/// A use that is reported late does not take the session back.
pub async fn a_session_remembers_its_latest_use(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let (one, other) = (new_session(alice.id, 1), new_session(alice.id, 2));
    insert(&stores, one.clone()).await.unwrap();
    insert(&stores, other.clone()).await.unwrap();
    let id = one.session.id;
    for seconds in [60, 30] {
        let touched = stores.process(move |stores, context| {
            Box::pin(async move { stores.sessions.touch(context, id, after(seconds)).await })
        });
        touched.await.unwrap();
    }
    let expected = Session { last_seen_at: after(60), ..one.session };
    assert_eq!(find(&stores, 1).await.unwrap().0, expected);
    assert_eq!(find(&stores, 2).await.unwrap().0, other.session);
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
    assert_eq!(refused.fault(), Fault::Internal);
    assert_eq!(find(&stores, 1).await.unwrap().1, alice);
}
