//! What a [`TokenRepository`](crate::port::TokenRepository) does.

use dullahan_core::{BoxFuture, Context};

use crate::{
    domain::{OneTimeGrant, TokenPurpose},
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{NOW, after, committed, digest},
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
            assert_eq!(used.map(|grant| grant.user_id), Some(alice.id));
            Ok(())
        })
    });
    used.await;
    assert_eq!(stores.consume(1, NOW).await, Some(alice.id));
}

async fn find(stores: &Stores, number: u8, purpose: TokenPurpose) -> Option<OneTimeGrant> {
    stores.tokens.find(&Context::new(), &digest(number), purpose, after(99)).await.unwrap()
}

/// However often, as long as it is live; and it says what a use would say.
pub async fn a_token_is_looked_up_without_being_used_up(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let purpose = TokenPurpose::PasswordReset;
    stores.token_for(alice.id, 1, purpose, None, after(100)).await;
    stores.token_for(alice.id, 2, purpose, None, after(99)).await;
    let grant =
        Some(OneTimeGrant { user_id: alice.id, email_change_id: None, expires_at: after(100) });
    for _ in 0..2 {
        assert_eq!(find(&stores, 1, purpose).await, grant);
    }
    assert_eq!(find(&stores, 2, purpose).await, None);
    assert_eq!(find(&stores, 3, purpose).await, None);
    assert_eq!(stores.consume_for(1, purpose, after(99)).await, grant);
    assert_eq!(find(&stores, 1, purpose).await, None);
}

/// And trying does not use it up. Tokens for other purposes outlive the use of one.
///
/// # Rule
///
/// RFC 8725 section 3.11.
pub async fn tok_02_a_token_is_worth_nothing_for_another_purpose(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    stores.token_for(alice.id, 1, TokenPurpose::Activation, None, after(100)).await;
    stores.token_for(alice.id, 2, TokenPurpose::PasswordReset, None, after(100)).await;
    assert_eq!(find(&stores, 1, TokenPurpose::PasswordReset).await, None);
    assert_eq!(stores.consume_for(1, TokenPurpose::PasswordReset, NOW).await, None);
    assert_eq!(stores.consume_for(1, TokenPurpose::EmailChangeNew, NOW).await, None);
    let grant =
        Some(OneTimeGrant { user_id: alice.id, email_change_id: None, expires_at: after(100) });
    assert_eq!(stores.consume_for(1, TokenPurpose::Activation, NOW).await, grant);
    assert_eq!(stores.consume_for(2, TokenPurpose::PasswordReset, NOW).await, grant);
}

/// Whatever they are for. Others keep theirs.
pub async fn rem_01_all_tokens_of_a_user_are_forgotten(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    let bob = stores.user("bob@x.test").await;
    stores.token_for(alice.id, 1, TokenPurpose::Activation, None, after(100)).await;
    stores.token_for(alice.id, 2, TokenPurpose::PasswordReset, None, after(-100)).await;
    stores.token_for(bob.id, 3, TokenPurpose::Activation, None, after(100)).await;
    assert_eq!(committed!(stores.tokens.delete_all(alice.id)), 2);
    assert_eq!(committed!(stores.tokens.delete_all(alice.id)), 0);
    assert_eq!(stores.consume(1, NOW).await, None);
    assert_eq!(stores.consume(3, NOW).await, Some(bob.id));
}

/// So many at a time, and no live one.
pub async fn tokens_that_are_over_are_forgotten(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    for (number, seconds) in [(1, 10), (2, 20), (3, 30), (4, 40)] {
        stores.token(alice.id, number, after(seconds)).await;
    }
    for forgotten in [2, 1, 0] {
        assert_eq!(committed!(stores.tokens.purge(after(40), 2)), forgotten);
    }
    assert_eq!(stores.consume(4, after(39)).await, Some(alice.id));
}

/// A statement that has not seen the others' work yet forgets nothing twice.
pub async fn ten_purges_at_once_forget_each_token_once(stores: Stores) {
    let alice = stores.user("alice@x.test").await;
    for number in 0..50 {
        stores.token(alice.id, number, after(i64::from(number))).await;
    }
    let purges = (0..10).map(|_| -> BoxFuture<'_, _> {
        let stores = &stores;
        Box::pin(async move { committed!(stores.tokens.purge(after(40), 7)) })
    });
    let forgotten = all_at_once(purges).await;
    assert!(forgotten.iter().all(|forgotten| *forgotten <= 7), "{forgotten:?}");
    let rest = committed!(stores.tokens.purge(after(40), 100));
    assert_eq!(forgotten.iter().sum::<u64>() + rest, 40);
}
