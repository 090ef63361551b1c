use std::{
    net::IpAddr,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
    time::Duration,
};

use time::{OffsetDateTime, macros::datetime};

use crate::{
    domain::{AddressLimits, Attempt, AttemptKey, AttemptLimit, ClientAction},
    infrastructure::AddressLimiter,
    port::{AddressThrottle, Clock},
};

const LOG_IN: ClientAction = ClientAction::LogIn;

/// A clock whose date is set apart from the time that passes.
#[derive(Default)]
struct Hand {
    elapsed: AtomicU64,
    set_by: AtomicI64,
}

impl Hand {
    fn advance_to(&self, seconds: u64) {
        self.elapsed.store(seconds, Ordering::Relaxed);
    }
}

impl Clock for Hand {
    fn now(&self) -> OffsetDateTime {
        let set_by = time::Duration::seconds(self.set_by.load(Ordering::Relaxed));
        datetime!(2026-01-01 00:00 UTC) + self.elapsed() + set_by
    }

    fn elapsed(&self) -> Duration {
        Duration::from_secs(self.elapsed.load(Ordering::Relaxed))
    }
}

fn limiter(attempts: u32) -> (AddressLimiter, Arc<Hand>) {
    let hand = Arc::new(Hand::default());
    let limits = AddressLimits::all(AttemptLimit::new(attempts, Duration::from_mins(1)));
    (AddressLimiter::new(limits, hand.clone()), hand)
}

fn allowed(limiter: &AddressLimiter, address: &str) -> bool {
    limiter.count(address.parse().unwrap(), LOG_IN) == Attempt::Allowed
}

fn refused(seconds: u64) -> Attempt {
    Attempt::Refused { retry_after: Duration::from_secs(seconds) }
}

#[test]
fn log_04_an_address_has_so_many_tries_and_then_waits() {
    let (limiter, hand) = limiter(3);
    let tried = (0..5).filter(|_| allowed(&limiter, "192.0.2.1")).count();
    assert_eq!(tried, 3);
    hand.advance_to(40);
    assert_eq!(limiter.count(IpAddr::from([192, 0, 2, 1]), LOG_IN), refused(20));
    assert!(allowed(&limiter, "192.0.2.2"));
    hand.advance_to(59);
    assert!(!allowed(&limiter, "192.0.2.1"));
    hand.advance_to(60);
    assert_eq!((0..5).filter(|_| allowed(&limiter, "192.0.2.1")).count(), 3);
}

#[test]
fn log_04_a_client_of_version_6_cannot_change_its_network() {
    let (limiter, _) = limiter(1);
    assert!(allowed(&limiter, "2001:db8:1:2::1"));
    assert!(!allowed(&limiter, "2001:db8:1:2:ffff::9"));
    assert!(allowed(&limiter, "2001:db8:1:3::1"));
    assert!(allowed(&limiter, "::ffff:192.0.2.1"));
    assert!(!allowed(&limiter, "192.0.2.1"));
}

#[test]
fn pub_06_a_date_that_is_set_makes_nobody_wait() {
    let (limiter, hand) = limiter(2);
    for days_ahead in [40, -40, 0] {
        hand.set_by.store(days_ahead * 86_400, Ordering::Relaxed);
        let came: Vec<_> =
            (0..3).map(|_| limiter.count(IpAddr::from([192, 0, 2, 1]), LOG_IN)).collect();
        assert_eq!(came, [Attempt::Allowed, Attempt::Allowed, refused(60)], "{days_ahead}");
        hand.set_by.fetch_sub(3600, Ordering::Relaxed);
        assert_eq!(limiter.count(IpAddr::from([192, 0, 2, 1]), LOG_IN), refused(60));
        let next = hand.elapsed().as_secs() + 60;
        hand.advance_to(next);
    }
}

#[test]
fn user_08_each_action_counts_by_itself() {
    let (limiter, _) = limiter(1);
    let address = IpAddr::from([192, 0, 2, 1]);
    for action in [ClientAction::Activate, ClientAction::LogIn, ClientAction::FailedLookUp] {
        assert_eq!(limiter.count(address, action), Attempt::Allowed, "{action:?}");
        assert_eq!(limiter.count(address, action), refused(60), "{action:?}");
    }
}

#[test]
fn user_08_of_failures_at_one_account_one_counts() {
    let (limiter, hand) = limiter(2);
    let (address, action) = (IpAddr::from([192, 0, 2, 1]), ClientAction::FailedLogIn);
    let key = AttemptKey::of_identifier;
    for _ in 0..10 {
        assert_eq!(limiter.count_once(address, action, &key("alice@x.test")), Attempt::Allowed);
        assert_eq!(limiter.check(address, action), Attempt::Allowed);
    }
    assert_eq!(limiter.count_once(address, action, &key("bob@x.test")), Attempt::Allowed);
    assert_eq!(limiter.check(address, action), refused(60));
    assert_eq!(limiter.check(IpAddr::from([192, 0, 2, 2]), action), Attempt::Allowed);
    hand.advance_to(60);
    assert_eq!(limiter.check(address, action), Attempt::Allowed);
}

#[test]
fn user_09_to_check_counts_nothing() {
    let (limiter, _) = limiter(1);
    let (address, action) = (IpAddr::from([192, 0, 2, 1]), ClientAction::FailedLookUp);
    assert!((0..10).all(|_| limiter.check(address, action) == Attempt::Allowed));
    assert_eq!(limiter.count(address, action), Attempt::Allowed);
    assert_eq!(limiter.check(address, action), refused(60));
}

#[test]
fn without_a_limit_everything_is_allowed() {
    let limiter = AddressLimiter::new(AddressLimits::NONE, Arc::new(Hand::default()));
    assert!((0..1000).all(|_| allowed(&limiter, "192.0.2.1")));
}

#[test]
fn addresses_whose_time_is_over_are_forgotten() {
    let (limiter, hand) = limiter(1);
    let count = |from: u32, to: u32| {
        for i in from..to {
            let _ = limiter.count(IpAddr::from(i.to_be_bytes()), LOG_IN);
        }
    };
    count(0, 10_000);
    hand.advance_to(60);
    count(10_000, 17_000);
    assert!(limiter.counts().windows.len() <= 7_000);
}

#[test]
fn fifty_threads_at_once_get_no_more_than_the_limit() {
    let (limiter, _) = limiter(5);
    let allowed = std::thread::scope(|scope| {
        let threads: Vec<_> =
            (0..50).map(|_| scope.spawn(|| allowed(&limiter, "192.0.2.1"))).collect();
        threads.into_iter().filter_map(|thread| thread.join().unwrap().then_some(())).count()
    });
    assert_eq!(allowed, 5);
}
