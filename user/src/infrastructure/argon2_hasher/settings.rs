//! What an Argon2 hasher may spend.

use std::{error::Error, io, num::NonZeroUsize, thread};

use argon2::Params;

use super::stored_hash::OUTPUT_BYTES;
use crate::domain::{Check, InvalidSettings};

/// What an [`Argon2Hasher`](crate::infrastructure::Argon2Hasher) may spend, on one password and on all.
///
/// # Rule
///
/// OWASP Password Storage Cheat Sheet: Argon2id with at least 19 MiB (19456 KiB), 2 iterations and 1 degree of
/// parallelism. That is the default, and less is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Argon2Settings {
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
    threads: usize,
    waiting: usize,
    has_idle_priority: bool,
    is_for_tests: bool,
}

impl Argon2Settings {
    /// The least memory for one password, in KiB.
    pub const MIN_MEMORY_KIB: u32 = 19_456;
    /// The fewest iterations.
    pub const MIN_ITERATIONS: u32 = 2;
    /// The most passwords that may wait.
    pub const MAX_WAITING: usize = 65_536;

    /// Settings that cost next to nothing and protect nothing: for tests, where no real password is.
    ///
    /// Only with these does a hasher take less than OWASP's minimum. They exist with the feature `testing` only, which
    /// belongs into `[dev-dependencies]`: a program that is built without its tests does not have them.
    #[cfg(any(test, feature = "testing"))]
    pub fn insecure_for_tests() -> Self {
        Self {
            memory_kib: Params::MIN_M_COST,
            iterations: 1,
            parallelism: 1,
            threads: 1,
            waiting: 64,
            has_idle_priority: false,
            is_for_tests: true,
        }
    }

    /// Sets the memory for one password, in KiB: 19456 unless set.
    #[must_use]
    pub const fn with_memory_kib(mut self, memory_kib: u32) -> Self {
        self.memory_kib = memory_kib;
        self
    }

    /// Sets how often the memory is gone over: twice unless set.
    #[must_use]
    pub const fn with_iterations(mut self, iterations: u32) -> Self {
        self.iterations = iterations;
        self
    }

    /// Sets the number of lanes: 1 unless set. One thread works through them all.
    #[must_use]
    pub const fn with_parallelism(mut self, parallelism: u32) -> Self {
        self.parallelism = parallelism;
        self
    }

    /// Sets how many passwords are hashed at once: as many as the machine has processors unless set.
    ///
    /// Each takes its own memory, so a hasher takes up to `threads` times `memory_kib` in all.
    #[must_use]
    pub const fn with_threads(mut self, threads: usize) -> Self {
        self.threads = threads;
        self
    }

    /// Sets how many more may wait: 64 unless set.
    #[must_use]
    pub const fn with_waiting(mut self, waiting: usize) -> Self {
        self.waiting = waiting;
        self
    }

    /// Sets whether the threads take only the processor time that no other thread of the program wants: they do unless
    /// set.
    ///
    /// A hash takes a processor for many milliseconds, and any other request for a fraction of one. So the others go
    /// first, and whoever signs in hardly notices, while other routes answer several times as fast when logins saturate
    /// the machine. The price is paid where requests of other kinds want all processors without a pause: a few logins a
    /// second are left then.
    ///
    /// It has an effect on Linux only, where it is the policy `SCHED_IDLE` of `sched(7)`. Programs that are scheduled
    /// by groups, as services with a `CPUWeight` and containers are, share the processors between groups first. So it
    /// takes nothing from this program for the sake of another group, and does not let a database in another group go
    /// first either.
    #[must_use]
    pub const fn with_idle_priority(mut self, has_idle_priority: bool) -> Self {
        self.has_idle_priority = has_idle_priority;
        self
    }

    /// The memory for one password, in KiB.
    pub const fn memory_kib(&self) -> u32 {
        self.memory_kib
    }

    /// How often the memory is gone over.
    pub const fn iterations(&self) -> u32 {
        self.iterations
    }

    /// The number of lanes.
    pub const fn parallelism(&self) -> u32 {
        self.parallelism
    }

    /// How many passwords are hashed at once.
    pub const fn threads(&self) -> usize {
        self.threads
    }

    /// How many more may wait.
    pub const fn waiting(&self) -> usize {
        self.waiting
    }

    /// Whether the threads take only the processor time that no other thread of the program wants.
    pub const fn has_idle_priority(&self) -> bool {
        self.has_idle_priority
    }

    /// The parameters of these settings, if they are strong enough and fit together.
    pub(crate) fn check(&self) -> Result<Params, InvalidSettings> {
        let Self {
            memory_kib,
            iterations,
            parallelism,
            threads,
            waiting,
            has_idle_priority: _,
            is_for_tests,
        } = *self;
        let mut check = Check::of("Argon2Settings");
        if !is_for_tests {
            let reason = "a password hash would be guessed too fast (OWASP)";
            check.at_least("memory_kib", memory_kib, Self::MIN_MEMORY_KIB, reason);
            check.at_least("iterations", iterations, Self::MIN_ITERATIONS, reason);
        }
        check.at_least("threads", threads, 1, "nobody would hash");
        check.at_least("waiting", waiting, 1, "no password could wait for a thread");
        let most = Self::MAX_WAITING;
        let advice = format!("so many would wait for minutes; set it to {most} or less");
        check.expect("waiting", waiting, waiting <= most, advice);
        match Params::new(memory_kib, iterations, parallelism, Some(OUTPUT_BYTES)) {
            Ok(params) => check.finish().map(|()| params),
            Err(error) => {
                let together = (memory_kib, iterations, parallelism);
                let advice = format!("{error}; set at least 1 lane, and 8 KiB for each");
                check.expect("(memory_kib, iterations, parallelism)", together, false, advice);
                Err(check.refuse())
            }
        }
    }
}

impl Default for Argon2Settings {
    fn default() -> Self {
        Self {
            memory_kib: Self::MIN_MEMORY_KIB,
            iterations: Self::MIN_ITERATIONS,
            parallelism: 1,
            threads: thread::available_parallelism().map_or(1, NonZeroUsize::get),
            waiting: 64,
            has_idle_priority: true,
            is_for_tests: false,
        }
    }
}

/// Why there is no hasher with these settings.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Argon2SetupError {
    /// They are too weak, or contradict each other.
    #[error(transparent)]
    Settings(#[from] InvalidSettings),
    /// The operating system gave no random bytes.
    #[error("there is no randomness to be had")]
    Random(#[source] Box<dyn Error + Send + Sync>),
    /// The operating system gave no thread.
    #[error("a thread could not be started")]
    Thread(#[source] io::Error),
}

#[cfg(test)]
mod tests {
    use super::Argon2Settings;

    /// What is wrong with them, as `setting is value`.
    fn defects(settings: &Argon2Settings) -> Vec<String> {
        let Err(invalid) = settings.check() else { return Vec::new() };
        let texts = invalid.defects().iter().map(ToString::to_string);
        let texts = texts.map(|text| text.split(": ").next().unwrap_or_default().to_owned());
        texts.map(|text| text.replace('`', "").replace("Argon2Settings::", "")).collect()
    }

    #[test]
    fn the_default_is_the_minimum_of_owasp() {
        let settings = Argon2Settings::default();
        assert_eq!(
            (settings.memory_kib(), settings.iterations(), settings.parallelism()),
            (19_456, 2, 1)
        );
        assert!(settings.threads() >= 1);
        assert_eq!((settings.waiting(), settings.has_idle_priority()), (64, true));
        let params = settings.check().unwrap();
        assert_eq!((params.m_cost(), params.t_cost(), params.p_cost()), (19_456, 2, 1));
    }

    #[test]
    fn user_17_less_than_the_minimum_is_refused_and_so_is_what_makes_no_sense() {
        let settings = Argon2Settings::default;
        for (settings, expected) in [
            (settings().with_memory_kib(19_455), "memory_kib is 19455"),
            (settings().with_iterations(1), "iterations is 1"),
            (
                settings().with_parallelism(0),
                "(memory_kib, iterations, parallelism) is (19456, 2, 0)",
            ),
            (settings().with_threads(0), "threads is 0"),
            (settings().with_waiting(0), "waiting is 0"),
            (settings().with_waiting(65_537), "waiting is 65537"),
        ] {
            assert_eq!(defects(&settings), [expected]);
        }
        let all = settings().with_memory_kib(8).with_iterations(0).with_threads(0).with_waiting(0);
        let expected = [
            "memory_kib is 8",
            "iterations is 0",
            "threads is 0",
            "waiting is 0",
            "(memory_kib, iterations, parallelism) is (8, 0, 1)",
        ];
        assert_eq!(defects(&all), expected);
    }

    #[test]
    fn only_settings_for_tests_may_be_cheap() {
        let settings = Argon2Settings::insecure_for_tests();
        assert!(settings.check().is_ok());
        assert!(settings.clone().with_memory_kib(32).with_iterations(1).check().is_ok());
        assert_eq!(
            defects(&settings.with_parallelism(2)),
            ["(memory_kib, iterations, parallelism) is (8, 1, 2)"]
        );
    }
}
