//! What an Argon2 hasher may spend.

use std::{error::Error, io, num::NonZeroUsize, thread};

use argon2::Params;

use super::stored_hash::OUTPUT_BYTES;

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
    pub(crate) fn check(&self) -> Result<Params, Argon2SetupError> {
        if !self.is_for_tests {
            if self.memory_kib < Self::MIN_MEMORY_KIB {
                return Err(Argon2SetupError::TooLittleMemory { min: Self::MIN_MEMORY_KIB });
            }
            if self.iterations < Self::MIN_ITERATIONS {
                return Err(Argon2SetupError::TooFewIterations { min: Self::MIN_ITERATIONS });
            }
        }
        if self.threads == 0 {
            return Err(Argon2SetupError::NoThread);
        }
        if self.waiting == 0 || self.waiting > Self::MAX_WAITING {
            return Err(Argon2SetupError::Waiting { max: Self::MAX_WAITING });
        }
        Params::new(self.memory_kib, self.iterations, self.parallelism, Some(OUTPUT_BYTES))
            .map_err(|error| Argon2SetupError::Parameters(error.into()))
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
    /// One password gets too little memory.
    #[error("argon2 needs at least {min} KiB of memory")]
    TooLittleMemory {
        /// The least memory, in KiB.
        min: u32,
    },
    /// The memory is not gone over often enough.
    #[error("argon2 needs at least {min} iterations")]
    TooFewIterations {
        /// The fewest iterations.
        min: u32,
    },
    /// Nobody would do the work.
    #[error("a hasher needs at least one thread")]
    NoThread,
    /// Nobody may wait, or too many.
    #[error("between 1 and {max} passwords may wait")]
    Waiting {
        /// The most that may wait.
        max: usize,
    },
    /// Argon2 is not defined for these parameters, such as no lane at all or less than 8 KiB for each.
    #[error("the parameters of argon2 do not fit together")]
    Parameters(#[source] Box<dyn Error + Send + Sync>),
    /// The operating system gave no random bytes.
    #[error("there is no randomness to be had")]
    Random(#[source] Box<dyn Error + Send + Sync>),
    /// The operating system gave no thread.
    #[error("a thread could not be started")]
    Thread(#[source] io::Error),
}

#[cfg(test)]
mod tests {
    use super::{Argon2Settings, Argon2SetupError};

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
    fn less_than_the_minimum_is_refused_and_so_is_what_makes_no_sense() {
        let settings = Argon2Settings::default;
        assert!(matches!(
            settings().with_memory_kib(19_455).check(),
            Err(Argon2SetupError::TooLittleMemory { min: 19_456 })
        ));
        assert!(matches!(
            settings().with_iterations(1).check(),
            Err(Argon2SetupError::TooFewIterations { min: 2 })
        ));
        assert!(matches!(
            settings().with_parallelism(0).check(),
            Err(Argon2SetupError::Parameters(_))
        ));
        assert!(matches!(settings().with_threads(0).check(), Err(Argon2SetupError::NoThread)));
        assert!(matches!(
            settings().with_waiting(0).check(),
            Err(Argon2SetupError::Waiting { .. })
        ));
        assert!(matches!(
            settings().with_waiting(65_537).check(),
            Err(Argon2SetupError::Waiting { .. })
        ));
    }

    #[test]
    fn only_settings_for_tests_may_be_cheap() {
        let settings = Argon2Settings::insecure_for_tests();
        assert!(settings.check().is_ok());
        assert!(settings.clone().with_memory_kib(32).with_iterations(1).check().is_ok());
        assert!(matches!(
            settings.with_parallelism(2).check(),
            Err(Argon2SetupError::Parameters(_))
        ));
    }
}
