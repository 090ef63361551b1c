//! What an [`AttemptRepository`](crate::port::AttemptRepository) does.

use std::time::Duration;

use dullahan_core::BoxFuture;

use crate::{
    domain::{Attempt, AttemptKey, AttemptLimit, UserId},
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{after, committed},
    },
};

/// Five tries in a hundred seconds.
const LIMIT: AttemptLimit = AttemptLimit::new(5, Duration::from_secs(100));

fn alice() -> AttemptKey {
    AttemptKey::of_identifier("alice@x.test")
}

async fn count(stores: &Stores, key: AttemptKey, seconds: i64) -> Attempt {
    committed!(stores.attempts.count(&key, LIMIT, after(seconds)))
}

fn refused(seconds: u64) -> Attempt {
    Attempt::Refused { retry_after: Duration::from_secs(seconds) }
}

async fn tries_at_once(stores: &Stores, tries: usize, seconds: i64) -> usize {
    let tries =
        (0..tries).map(|_| -> BoxFuture<'_, _> { Box::pin(count(stores, alice(), seconds)) });
    let came = all_at_once(tries).await;
    came.into_iter().filter(|came| *came == Attempt::Allowed).count()
}

/// And whoever is refused is told when to try again, which is not put off by trying.
///
/// # Rule
///
/// ASVS 5.0 item 6.3.1.
pub async fn log_03_so_many_tries_are_allowed_from_the_first_one_on(stores: Stores) {
    for seconds in [0, 10, 20, 30, 40] {
        assert_eq!(count(&stores, alice(), seconds).await, Attempt::Allowed);
    }
    for (seconds, wait) in [(40, 60), (99, 1)] {
        assert_eq!(count(&stores, alice(), seconds).await, refused(wait));
    }
    // As many again, from then on.
    for seconds in [100, 110, 110, 110, 110] {
        assert_eq!(count(&stores, alice(), seconds).await, Attempt::Allowed);
    }
    assert_eq!(count(&stores, alice(), 199).await, refused(1));
}

/// Nobody is kept away by what others do.
pub async fn tries_are_counted_for_each_key_by_itself(stores: Stores) {
    let user = UserId::new();
    let keys = [alice(), AttemptKey::of_user(user, "one"), AttemptKey::of_user(user, "two")];
    for _ in 0..5 {
        assert_eq!(count(&stores, keys[0], 0).await, Attempt::Allowed);
    }
    assert_eq!(count(&stores, keys[0], 0).await, refused(100));
    for key in &keys[1..] {
        assert_eq!(count(&stores, *key, 0).await, Attempt::Allowed);
    }
}

/// Fifty at once, under a limit of five; and when the time is over, five again.
///
/// # Rule
///
/// ASVS 5.0 items 6.3.1 and 15.4.2.
pub async fn log_06_of_fifty_tries_at_once_five_are_allowed(stores: Stores) {
    assert_eq!(tries_at_once(&stores, 50, 0).await, 5);
    assert_eq!(tries_at_once(&stores, 50, 100).await, 5);
}

/// The right password resets the count. Others stay counted.
pub async fn log_03_tries_that_are_forgotten_do_not_count(stores: Stores) {
    let bob = AttemptKey::of_identifier("bob@x.test");
    assert_eq!(tries_at_once(&stores, 6, 0).await, 5);
    for _ in 0..5 {
        assert_eq!(count(&stores, bob, 0).await, Attempt::Allowed);
    }
    for _ in 0..2 {
        committed!(stores.attempts.forget(&alice()));
    }
    assert_eq!(tries_at_once(&stores, 6, 0).await, 5);
    assert_eq!(count(&stores, bob, 0).await, refused(100));
}

/// A limit that is raised counts at once, and so does one that is lowered.
pub async fn the_limit_is_the_one_of_the_moment(stores: Stores) {
    for _ in 0..6 {
        let _ = count(&stores, alice(), 0).await;
    }
    let raised = AttemptLimit::new(7, LIMIT.within);
    assert_eq!(committed!(stores.attempts.count(&alice(), raised, after(0))), Attempt::Allowed);
    let none = AttemptLimit::new(0, Duration::from_secs(30));
    assert_eq!(committed!(stores.attempts.count(&alice(), none, after(0))), refused(30));
}

/// So many at a time, and none that still keeps somebody away.
pub async fn counts_that_are_over_are_forgotten(stores: Stores) {
    let user = UserId::new();
    for (what, seconds) in [("a", 0), ("b", 10), ("c", 20), ("d", 30)] {
        let _ = count(&stores, AttemptKey::of_user(user, what), seconds).await;
    }
    assert_eq!(tries_at_once(&stores, 5, 40).await, 5);
    for forgotten in [2, 1, 0] {
        assert_eq!(committed!(stores.attempts.purge(after(130), 2)), forgotten);
    }
    assert_eq!(count(&stores, alice(), 130).await, refused(10));
}

/// A try is counted if what counted it is committed.
pub async fn what_is_rolled_back_counts_nothing(stores: Stores) {
    assert_eq!(tries_at_once(&stores, 4, 0).await, 4);
    let counted = stores.rolled_back(|stores, context| {
        Box::pin(async move {
            let came = stores.attempts.count(context, &alice(), LIMIT, after(0)).await?;
            assert_eq!(came, Attempt::Allowed);
            let came = stores.attempts.count(context, &alice(), LIMIT, after(0)).await?;
            assert_eq!(came, refused(100));
            Ok(())
        })
    });
    counted.await;
    assert_eq!(count(&stores, alice(), 0).await, Attempt::Allowed);
    assert_eq!(count(&stores, alice(), 0).await, refused(100));
}
