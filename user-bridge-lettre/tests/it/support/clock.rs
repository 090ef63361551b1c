//! A clock that a test moves.

use std::{
    sync::atomic::{AtomicI64, Ordering},
    time::Duration,
};

use dullahan_user::port::Clock;
use time::{OffsetDateTime, macros::datetime};

/// A clock that stands still until a test moves it.
pub(crate) struct TestClock {
    /// Milliseconds since the start.
    passed: AtomicI64,
}

impl TestClock {
    pub(crate) fn new() -> Self {
        Self { passed: AtomicI64::new(0) }
    }

    pub(crate) fn advance(&self, by: Duration) {
        self.passed.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> OffsetDateTime {
        let passed = time::Duration::milliseconds(self.passed.load(Ordering::SeqCst));
        datetime!(2026-01-01 12:00 UTC) + passed
    }
}
