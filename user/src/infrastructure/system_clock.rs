//! The clock of the machine.

use time::OffsetDateTime;

use crate::port::Clock;

/// The clock of the machine, in UTC and in whole milliseconds, so that every store keeps what it says.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> OffsetDateTime {
        OffsetDateTime::now_utc().truncate_to_millisecond()
    }
}

#[cfg(test)]
mod tests {
    use time::{OffsetDateTime, UtcOffset};

    use crate::{infrastructure::SystemClock, port::Clock};

    #[test]
    fn the_time_is_that_of_the_machine_in_whole_milliseconds_of_utc() {
        let before = OffsetDateTime::now_utc().truncate_to_millisecond();
        let now = SystemClock.now();
        assert!(before <= now && now <= OffsetDateTime::now_utc());
        assert_eq!(now.nanosecond() % 1_000_000, 0);
        assert_eq!(now.offset(), UtcOffset::UTC);
    }
}
