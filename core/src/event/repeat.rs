//! How a process is run again whose unit of work lost against another one.

use std::time::Duration;

/// How a process is run again whose unit of work lost against another one: with a copy of what it was given, so often at
/// most, after a pause.
///
/// `#[event(repeatable)]` writes `Repeat::by(Clone::clone)`, which is three attempts;
/// `#[event(repeatable(attempts = 20, longest_pause_ms = 200))]` says otherwise.
///
/// # Rule
///
/// Before attempt n + 1 it waits at random between half of `first pause * 4^(n - 1)` and all of it, and no longer than the
/// longest pause: processes that lost against each other do not meet again (exponential backoff with equal jitter).
#[derive(Debug)]
pub struct Repeat<E> {
    copy: fn(&E) -> E,
    policy: RepeatPolicy,
}

/// How often a process is attempted, and how long it waits in between.
#[derive(Debug, Clone, Copy)]
pub(crate) struct RepeatPolicy {
    pub(crate) attempts: u32,
    pub(crate) first_pause: Duration,
    pub(crate) longest_pause: Duration,
}

impl<E> Repeat<E> {
    /// Three attempts, with pauses of at most 10 and 40 ms.
    pub const fn by(copy: fn(&E) -> E) -> Self {
        let policy = RepeatPolicy {
            attempts: 3,
            first_pause: Duration::from_millis(10),
            longest_pause: Duration::from_millis(40),
        };
        Self { copy, policy }
    }

    /// So many attempts at most, the first one included. With 0 or 1 it is not run again.
    #[must_use]
    pub const fn attempts(mut self, attempts: u32) -> Self {
        self.policy.attempts = attempts;
        self
    }

    /// The longest the first pause may be.
    #[must_use]
    pub const fn first_pause(mut self, pause: Duration) -> Self {
        self.policy.first_pause = pause;
        self
    }

    /// The longest any pause may be.
    #[must_use]
    pub const fn longest_pause(mut self, pause: Duration) -> Self {
        self.policy.longest_pause = pause;
        self
    }

    pub(crate) const fn policy(&self) -> RepeatPolicy {
        self.policy
    }

    pub(crate) fn copy(&self, event: &E) -> E {
        (self.copy)(event)
    }
}
