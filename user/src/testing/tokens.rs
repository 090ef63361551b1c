//! What a [`TokenRepository`](crate::port::TokenRepository) does.

use dullahan_core::BoxFuture;

use crate::{
    domain::TokenPurpose,
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{NOW, after, digest},
    },
};

/// And says whose it was.
pub async fn a_token_is_used_up_once(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.token(alice.id, 1, after(100)).await;
    assert_eq!(stores.consume(1, after(99)).await, Some(alice.id));
    assert_eq!(stores.consume(1, after(99)).await, None);
}

/// It is over at the very moment.
pub async fn a_token_that_is_over_or_unknown_is_nobodys(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.token(alice.id, 1, after(100)).await;
    assert_eq!(stores.consume(2, NOW).await, None);
    assert_eq!(stores.consume(1, after(100)).await, None);
    // Whoever came too late has not used it up.
    assert_eq!(stores.consume(1, after(99)).await, Some(alice.id));
}

/// A second link in a second mail is of no use once the first one was followed. Other users keep theirs.
pub async fn a_token_takes_all_others_of_its_user_with_it(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    for (user, number) in [(&alice, 1), (&alice, 2), (&bob, 3)] {
        stores.token(user.id, number, after(100)).await;
    }
    assert_eq!(stores.consume(2, NOW).await, Some(alice.id));
    assert_eq!(stores.consume(1, NOW).await, None);
    assert_eq!(stores.consume(3, NOW).await, Some(bob.id));
}

/// And without an error for anybody.
///
/// # Rule
///
/// ASVS 5.0 items 6.5.1 and 15.4.2.
pub async fn rst_02_of_twenty_uses_of_one_token_at_once_one_succeeds(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.token(alice.id, 1, after(100)).await;
    let tries = (0..20).map(|_| -> BoxFuture<'_, _> { Box::pin(stores.consume(1, NOW)) });
    let used: Vec<_> = all_at_once(tries).await.into_iter().flatten().collect();
    assert_eq!(used, [alice.id]);
}

/// And none of the two waits for the other for ever.
pub async fn of_two_tokens_of_one_user_used_at_once_one_succeeds(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    for round in 0..10 {
        let numbers: Vec<u8> = (0..8).map(|number| 8 * round + number).collect();
        for number in &numbers {
            stores.token(alice.id, *number, after(100)).await;
        }
        let tries = numbers
            .iter()
            .map(|number| -> BoxFuture<'_, _> { Box::pin(stores.consume(*number, NOW)) });
        let used: Vec<_> = all_at_once(tries).await.into_iter().flatten().collect();
        assert_eq!(used, [alice.id]);
    }
}

/// A step that fails after it was used gives it back.
///
/// # Rule
///
/// ASVS 5.0 item 2.3.3.
pub async fn what_is_rolled_back_does_not_use_a_token_up(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.token(alice.id, 1, after(100)).await;
    let used = stores.rolled_back(move |stores, context| {
        Box::pin(async move {
            let purpose = TokenPurpose::Activation;
            let used = stores.tokens.consume(context, &digest(1), purpose, NOW).await?;
            assert_eq!(used, Some(alice.id));
            Ok(())
        })
    });
    used.await;
    assert_eq!(stores.consume(1, NOW).await, Some(alice.id));
}
