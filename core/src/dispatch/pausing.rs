//! How long a process waits before it is run again.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use futures_timer::Delay;

use crate::event::RepeatPolicy;

/// How long to wait before the attempt after so many that lost: at random between half of the longest pause and all of
/// it, so that two processes that lost against each other do not meet again.
fn pause_after(lost: u32, policy: RepeatPolicy) -> Duration {
    let growth = 4_u32.saturating_pow(lost.saturating_sub(1));
    let longest = policy.first_pause.saturating_mul(growth).min(policy.longest_pause);
    let half = longest / 2;
    let random = RandomState::new().hash_one(lost) % (half.as_micros() as u64 + 1);
    half + Duration::from_micros(random)
}

/// Waits before the attempt after so many that lost; whether there is time for another one before the deadline.
pub(super) async fn pause(policy: RepeatPolicy, lost: u32, deadline: Option<Instant>) -> bool {
    let pause = pause_after(lost, policy);
    let is_late = |deadline| Instant::now() + pause >= deadline;
    if deadline.is_some_and(is_late) {
        return false;
    }
    Delay::new(pause).await;
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    const THREE: RepeatPolicy = RepeatPolicy {
        attempts: 3,
        first_pause: Duration::from_millis(10),
        longest_pause: Duration::from_millis(40),
    };

    #[test]
    fn pauses_grow_and_differ_and_end_at_the_longest_one() {
        for _ in 0..1_000 {
            assert!((5..=10).contains(&pause_after(1, THREE).as_millis()));
            for lost in [2, 3, 40, u32::MAX] {
                assert!((20..=40).contains(&pause_after(lost, THREE).as_millis()));
            }
        }
        let some: std::collections::HashSet<_> = (0..50).map(|_| pause_after(2, THREE)).collect();
        assert!(some.len() > 10, "{some:?}");
    }
}
