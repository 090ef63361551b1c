//! Counts what client addresses ask for, in memory.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use governor::{
    Quota, RateLimiter,
    clock::{Clock as _, ReasonablyRealtime},
    middleware::NoOpMiddleware,
    nanos::Nanos,
    state::keyed::HashMapStateStore,
};
use time::OffsetDateTime;

use crate::{
    domain::{Attempt, AttemptLimit},
    port::{AddressThrottle, Clock},
};

/// After how many calls the addresses are forgotten that may ask as often as ever.
const SHRINK_EVERY: u32 = 1 << 14;

type Limiter = RateLimiter<IpAddr, HashMapStateStore<IpAddr>, PortClock, NoOpMiddleware<Nanos>>;

/// Counts what client addresses ask for, in memory: so many at once, and then as many spread evenly over the time.
///
/// An address of version 6 counts by its first 64 bits, since a client has all of the rest to choose from. What is
/// kept grows with the addresses that were seen within the time of the limit.
pub struct AddressLimiter {
    limiter: Option<Limiter>,
    calls: AtomicU32,
}

impl AddressLimiter {
    /// Keeps the limit, by this clock; without one, or with one of no tries, everything is allowed.
    pub fn new(limit: Option<AttemptLimit>, clock: Arc<dyn Clock>) -> Self {
        let quota = limit.and_then(|limit| {
            let attempts = NonZeroU32::new(limit.attempts)?;
            Some(Quota::with_period(limit.within / limit.attempts)?.allow_burst(attempts))
        });
        let limiter = quota
            .map(|quota| Limiter::new(quota, HashMapStateStore::default(), PortClock::new(clock)));
        Self { limiter, calls: AtomicU32::new(0) }
    }
}

impl AddressThrottle for AddressLimiter {
    fn count(&self, address: IpAddr) -> Attempt {
        let Some(limiter) = &self.limiter else { return Attempt::Allowed };
        if self.calls.fetch_add(1, Ordering::Relaxed) % SHRINK_EVERY == SHRINK_EVERY - 1 {
            limiter.retain_recent();
            limiter.shrink_to_fit();
        }
        match limiter.check_key(&network_of(address)) {
            Ok(()) => Attempt::Allowed,
            Err(refused) => {
                Attempt::Refused { retry_after: refused.wait_time_from(limiter.clock().now()) }
            }
        }
    }
}

impl std::fmt::Debug for AddressLimiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddressLimiter").finish_non_exhaustive()
    }
}

/// The address itself, or of version 6 the network that one client has.
fn network_of(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(address) => {
            let network = address.to_bits() & !u128::from(u64::MAX);
            IpAddr::V6(Ipv6Addr::from_bits(network))
        }
        address @ IpAddr::V4(_) => address,
    }
}

/// The clock of the module, as time since the limiter was made.
#[derive(Clone)]
struct PortClock {
    clock: Arc<dyn Clock>,
    start: OffsetDateTime,
}

impl PortClock {
    fn new(clock: Arc<dyn Clock>) -> Self {
        let start = clock.now();
        Self { clock, start }
    }
}

impl governor::clock::Clock for PortClock {
    type Instant = Nanos;

    fn now(&self) -> Nanos {
        let since = self.clock.now() - self.start;
        Duration::try_from(since).unwrap_or_default().into()
    }
}

impl ReasonablyRealtime for PortClock {}

#[cfg(test)]
mod tests {
    use std::{
        net::IpAddr,
        sync::{
            Arc,
            atomic::{AtomicI64, Ordering},
        },
        time::Duration,
    };

    use time::{OffsetDateTime, macros::datetime};

    use crate::{
        domain::{Attempt, AttemptLimit},
        infrastructure::AddressLimiter,
        port::{AddressThrottle, Clock},
    };

    #[derive(Default)]
    struct Hand(AtomicI64);

    impl Clock for Hand {
        fn now(&self) -> OffsetDateTime {
            let seconds = time::Duration::seconds(self.0.load(Ordering::Relaxed));
            datetime!(2026-01-01 00:00 UTC) + seconds
        }
    }

    fn limiter(attempts: u32) -> (AddressLimiter, Arc<Hand>) {
        let hand = Arc::new(Hand::default());
        let limit = AttemptLimit::new(attempts, Duration::from_mins(1));
        (AddressLimiter::new(Some(limit), hand.clone()), hand)
    }

    fn allowed(limiter: &AddressLimiter, address: &str) -> bool {
        limiter.count(address.parse().unwrap()) == Attempt::Allowed
    }

    #[test]
    fn log_04_an_address_has_so_many_tries_and_then_waits() {
        let (limiter, hand) = limiter(3);
        let tried = (0..5).filter(|_| allowed(&limiter, "192.0.2.1")).count();
        assert_eq!(tried, 3);
        let refused = limiter.count(IpAddr::from([192, 0, 2, 1]));
        assert_eq!(refused, Attempt::Refused { retry_after: Duration::from_secs(20) });
        assert!(allowed(&limiter, "192.0.2.2"));
        hand.0.store(20, Ordering::Relaxed);
        assert!(allowed(&limiter, "192.0.2.1"));
        assert!(!allowed(&limiter, "192.0.2.1"));
        hand.0.store(200, Ordering::Relaxed);
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
    fn without_a_limit_everything_is_allowed() {
        let limiter = AddressLimiter::new(None, Arc::new(Hand::default()));
        assert!((0..1000).all(|_| allowed(&limiter, "192.0.2.1")));
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
}
