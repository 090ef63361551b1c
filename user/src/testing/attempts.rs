//! What an [`AttemptRepository`](crate::port::AttemptRepository) does.

use std::time::Duration;

use dullahan_core::BoxFuture;
use time::OffsetDateTime;

use crate::{
    domain::{Attempt, AttemptKey, AttemptLimit, CountedAttempt, MailKind, UserId},
    testing::{
        Stores,
        all_at_once::all_at_once,
        samples::{address, after, committed},
    },
};

/// Five tries in a hundred seconds.
const LIMIT: AttemptLimit = AttemptLimit::new(5, Duration::from_secs(100));

fn alice() -> AttemptKey {
    AttemptKey::of_identifier("alice@x.test")
}

async fn count(stores: &Stores, key: AttemptKey, seconds: i64) -> Attempt {
    counted(stores, key, seconds).await.attempt
}

async fn counted(stores: &Stores, key: AttemptKey, seconds: i64) -> CountedAttempt {
    committed!(stores.attempts.count(&key, LIMIT, after(seconds)))
}

async fn give_back(stores: &Stores, over_at: OffsetDateTime) -> bool {
    committed!(stores.attempts.give_back(&alice(), over_at))
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
    let came = committed!(stores.attempts.count(&alice(), raised, after(0)));
    assert_eq!(came.attempt, Attempt::Allowed);
    let none = AttemptLimit::new(0, Duration::from_secs(30));
    for key in [alice(), AttemptKey::of_identifier("bob@x.test")] {
        let came = committed!(stores.attempts.count(&key, none, after(0)));
        assert_eq!(came.attempt, refused(30));
    }
}

/// As if it had not been made; and no more than were counted.
pub async fn log_03_a_try_that_is_given_back_does_not_count(stores: Stores) {
    assert!(!give_back(&stores, after(100)).await, "nothing was counted");
    let first = counted(&stores, alice(), 0).await;
    assert_eq!(first, CountedAttempt { attempt: Attempt::Allowed, over_at: after(100) });
    assert_eq!(counted(&stores, alice(), 40).await.over_at, first.over_at);
    for given_back in [true, true, false] {
        assert_eq!(give_back(&stores, first.over_at).await, given_back);
    }
    // Those that are refused do not count either, so that what is given back may be tried again.
    assert_eq!(tries_at_once(&stores, 20, 50).await, 5);
    assert_eq!(counted(&stores, alice(), 60).await.over_at, first.over_at);
    assert!(give_back(&stores, first.over_at).await);
    assert_eq!(tries_at_once(&stores, 20, 60).await, 1);
}

/// What was counted before counting began anew is not taken out of what was counted since.
pub async fn log_03_a_try_is_given_back_to_its_own_time_only(stores: Stores) {
    let early = counted(&stores, alice(), 0).await;
    assert_eq!(tries_at_once(&stores, 5, 100).await, 5);
    assert!(!give_back(&stores, early.over_at).await);
    assert_eq!(tries_at_once(&stores, 5, 150).await, 0);
    let bob = AttemptKey::of_identifier("bob@x.test");
    let of_bob = counted(&stores, bob, 100).await;
    assert!(give_back(&stores, of_bob.over_at).await, "it is Alice's, whose time is the same");
    assert_eq!(tries_at_once(&stores, 5, 150).await, 1);
    committed!(stores.attempts.forget(&alice()));
    assert!(!give_back(&stores, of_bob.over_at).await);
}

/// A clock that was ahead for forty days, and is set right: nobody waits longer than the limit says, and nothing is forgiven.
pub async fn ops_05_a_time_that_began_in_the_future_begins_now(stores: Stores) {
    let days = 40 * 24 * 3600;
    for key in [alice(), AttemptKey::of_identifier("bob@x.test")] {
        assert_eq!(count(&stores, key, days).await, Attempt::Allowed);
    }
    for _ in 0..5 {
        let _ = count(&stores, alice(), days).await;
    }
    assert_eq!(count(&stores, alice(), 0).await, refused(100));
    assert_eq!(count(&stores, alice(), 60).await, refused(40));
    assert_eq!(count(&stores, alice(), 100).await, Attempt::Allowed);
    // Some are left to Bob, one of which is given back.
    let bob = AttemptKey::of_identifier("bob@x.test");
    let ahead = counted(&stores, bob, days).await.over_at;
    assert_eq!(counted(&stores, bob, 0).await.over_at, after(100));
    assert!(committed!(stores.attempts.give_back(&bob, ahead)));
    for seconds in [10, 10, 10] {
        assert_eq!(count(&stores, bob, seconds).await, Attempt::Allowed);
    }
    assert_eq!(count(&stores, bob, 10).await, refused(90));
    assert_eq!(count(&stores, bob, 100).await, Attempt::Allowed);
}

/// Whatever the order: there is room for as many tries as were given back.
pub async fn log_06_of_tries_given_back_at_once_each_makes_room_for_one(stores: Stores) {
    let over_at = counted(&stores, alice(), 0).await.over_at;
    assert_eq!(tries_at_once(&stores, 4, 0).await, 4);
    let stores = &stores;
    let both = (0..40).map(|number| -> BoxFuture<'_, i32> {
        Box::pin(async move {
            if number % 10 == 0 {
                -i32::from(give_back(stores, over_at).await)
            } else {
                i32::from(count(stores, alice(), 0).await == Attempt::Allowed)
            }
        })
    });
    let more: i32 = all_at_once(both).await.into_iter().sum();
    assert!((-4..=0).contains(&more), "{more}");
    let left = tries_at_once(stores, 20, 0).await;
    assert_eq!(i32::try_from(left).unwrap(), -more);
}

/// A sub-address is the same mailbox. Of fifty mails at once that all count, so many are allowed.
pub async fn user_05_mails_are_counted_by_mailbox_whatever_account_they_are_about(stores: Stores) {
    let of = |email: &str, kind| AttemptKey::of_mails(&address(email), kind);
    let key = of("victim@x.test", MailKind::EmailChangeNew);
    for (same, kind) in [
        ("Victim+1@x.test", MailKind::EmailChangeNew),
        ("victim+2@X.test", MailKind::EmailChangeTaken),
    ] {
        assert_eq!(of(same, kind), key);
    }
    let of_mailbox = |email: &str| AttemptKey::of_mailbox(&address(email));
    for other in [
        of("victim@x.test", MailKind::PasswordReset),
        of("victim@y.test", MailKind::EmailChangeNew),
        of_mailbox("victim@x.test"),
    ] {
        assert_ne!(other, key);
        assert_eq!(count(&stores, other, 0).await, Attempt::Allowed);
    }
    let mails = (0..50).map(|number| -> BoxFuture<'_, _> {
        let key = of_mailbox(&format!("mallory+{number}@x.test"));
        Box::pin(count(&stores, key, 0))
    });
    let allowed = all_at_once(mails).await.into_iter().filter(|one| *one == Attempt::Allowed);
    assert_eq!(allowed.count(), 5);
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
            assert_eq!(came.attempt, Attempt::Allowed);
            let refused_one = stores.attempts.count(context, &alice(), LIMIT, after(0)).await?;
            assert_eq!(refused_one.attempt, refused(100));
            assert!(stores.attempts.give_back(context, &alice(), came.over_at).await?);
            Ok(())
        })
    });
    counted.await;
    assert_eq!(count(&stores, alice(), 0).await, Attempt::Allowed);
    assert_eq!(count(&stores, alice(), 0).await, refused(100));
}
