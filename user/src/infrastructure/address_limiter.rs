//! Counts what client addresses do, in memory.

use std::{
    collections::{HashMap, HashSet},
    net::{IpAddr, Ipv6Addr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use crate::{
    domain::{AddressLimits, Attempt, AttemptKey, AttemptLimit, ClientAction},
    port::{AddressThrottle, Clock},
};

/// After how many counts the addresses are forgotten whose time is over.
const FORGET_EVERY: u32 = 1 << 14;

/// Counts what client addresses do, in memory: so often within a time that begins with the first count.
///
/// An address of version 6 counts by its first 64 bits, since a client has all of the rest to choose from. What is
/// kept grows with the addresses that were seen within the time of a limit. The time is the clock's
/// [`elapsed`](Clock::elapsed), so nobody waits longer when the date is set back.
pub struct AddressLimiter {
    limits: AddressLimits,
    clock: Arc<dyn Clock>,
    counts: Mutex<Counts>,
}

#[derive(Default)]
struct Counts {
    windows: HashMap<(ClientAction, IpAddr), Window>,
    since_forgotten: u32,
}

/// What was counted of one address in one action, and until when it counts.
struct Window {
    ends_at: Duration,
    count: u32,
    keys: HashSet<AttemptKey>,
}

impl AddressLimiter {
    /// Keeps these limits, by this clock.
    pub fn new(limits: AddressLimits, clock: Arc<dyn Clock>) -> Self {
        Self { limits, clock, counts: Mutex::default() }
    }

    fn counts(&self) -> MutexGuard<'_, Counts> {
        // No state in between: whoever panics has not begun to change anything, or has done so.
        self.counts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Counts once more, unless that is too often; a key that was counted before is not counted again.
    fn count_key(
        &self,
        address: IpAddr,
        action: ClientAction,
        key: Option<&AttemptKey>,
    ) -> Attempt {
        let Some(limit) = self.limits.of(action) else { return Attempt::Allowed };
        let now = self.clock.elapsed();
        let mut counts = self.counts();
        counts.forget_once_in_a_while(now);
        let window = counts
            .windows
            .entry((action, network_of(address)))
            .or_insert_with(|| Window::new(now, limit));
        if window.ends_at <= now {
            *window = Window::new(now, limit);
        }
        let attempt = window.judge(limit, now);
        if attempt == Attempt::Allowed && key.is_none_or(|key| window.keys.insert(*key)) {
            window.count += 1;
        }
        attempt
    }
}

impl AddressThrottle for AddressLimiter {
    fn count(&self, address: IpAddr, action: ClientAction) -> Attempt {
        self.count_key(address, action, None)
    }

    fn count_once(&self, address: IpAddr, action: ClientAction, key: &AttemptKey) -> Attempt {
        self.count_key(address, action, Some(key))
    }

    fn check(&self, address: IpAddr, action: ClientAction) -> Attempt {
        let Some(limit) = self.limits.of(action) else { return Attempt::Allowed };
        let now = self.clock.elapsed();
        let counts = self.counts();
        let window = counts.windows.get(&(action, network_of(address)));
        let window = window.filter(|window| window.ends_at > now);
        window.map_or(Attempt::Allowed, |window| window.judge(limit, now))
    }
}

impl std::fmt::Debug for AddressLimiter {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("AddressLimiter").finish_non_exhaustive()
    }
}

impl Counts {
    fn forget_once_in_a_while(&mut self, now: Duration) {
        self.since_forgotten += 1;
        if self.since_forgotten >= FORGET_EVERY {
            self.since_forgotten = 0;
            self.windows.retain(|_, window| window.ends_at > now);
            self.windows.shrink_to_fit();
        }
    }
}

impl Window {
    fn new(now: Duration, limit: AttemptLimit) -> Self {
        Self { ends_at: now.saturating_add(limit.within), count: 0, keys: HashSet::new() }
    }

    /// Whether there is room for one more.
    fn judge(&self, limit: AttemptLimit, now: Duration) -> Attempt {
        if self.count < limit.attempts {
            return Attempt::Allowed;
        }
        Attempt::Refused { retry_after: self.ends_at.saturating_sub(now).min(limit.within) }
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

#[cfg(test)]
mod tests;
