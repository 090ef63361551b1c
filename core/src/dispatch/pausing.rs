//! How long a process waits before it is run again.

use std::{
    hash::{BuildHasher, RandomState},
    time::{Duration, Instant},
};

use futures_timer::Delay;

/// The longest pause before the second run. Each pause after it may be four times as long.
const FIRST: Duration = Duration::from_millis(10);

/// How long to wait before the run after so many that lost: at random between half of the longest pause and all of
/// it, so that two processes that lost against each other do not meet again.
fn pause_after(lost: u32) -> Duration {
    let longest = FIRST * 4_u32.pow(lost.saturating_sub(1));
    let half = longest / 2;
    let random = RandomState::new().hash_one(lost) % (half.as_micros() as u64 + 1);
    half + Duration::from_micros(random)
}

/// Waits before the run after so many that lost; whether there is time for another one before the deadline.
pub(super) async fn pause(lost: u32, deadline: Option<Instant>) -> bool {
    let pause = pause_after(lost);
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

    #[test]
    fn pauses_grow_and_differ() {
        for _ in 0..1_000 {
            assert!((5..=10).contains(&pause_after(1).as_millis()));
            assert!((20..=40).contains(&pause_after(2).as_millis()));
        }
        let some: std::collections::HashSet<_> = (0..50).map(|_| pause_after(2)).collect();
        assert!(some.len() > 10, "{some:?}");
    }
}
