//! A clock that a test moves.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use dullahan_user::port::Clock;
use time::{OffsetDateTime, macros::datetime};

pub(crate) const MINUTE: Duration = Duration::from_mins(1);
pub(crate) const HOUR: Duration = Duration::from_hours(1);
pub(crate) const DAY: Duration = Duration::from_hours(24);

/// A clock that stands still until a test moves it.
pub(crate) struct TestClock {
    /// Milliseconds since the start.
    passed: AtomicI64,
    /// By how many milliseconds the date is ahead.
    ahead: AtomicI64,
}

impl TestClock {
    pub(crate) fn new() -> Self {
        Self { passed: AtomicI64::new(0), ahead: AtomicI64::new(0) }
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.passed.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }

    /// Sets the date ahead, or right with nothing, while no time passes.
    pub(crate) fn set_ahead(&self, by: Duration) {
        self.ahead.store(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        let ahead = time::Duration::milliseconds(self.ahead.load(Ordering::SeqCst));
        datetime!(2026-01-01 12:00 UTC) + self.elapsed() + ahead
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.passed.load(Ordering::SeqCst).unsigned_abs())
    }
}
