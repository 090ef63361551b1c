//! Moments some time before and after another, however long that time is.

use std::time::Duration;

use time::{OffsetDateTime, PrimitiveDateTime};

/// So much before; in 1970 at the earliest, which is before anything that is stored.
pub(crate) fn before(moment: OffsetDateTime, by: Duration) -> OffsetDateTime {
    let by = time::Duration::try_from(by).ok();
    let before = by.and_then(|by| moment.checked_sub(by));
    before.unwrap_or(OffsetDateTime::UNIX_EPOCH).max(OffsetDateTime::UNIX_EPOCH)
}

/// So much after; at the end of the calendar at the latest.
pub(crate) fn after(moment: OffsetDateTime, by: Duration) -> OffsetDateTime {
    let by = time::Duration::try_from(by).ok();
    let after = by.and_then(|by| moment.checked_add(by));
    after.unwrap_or(PrimitiveDateTime::MAX.assume_utc())
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use time::{OffsetDateTime, macros::datetime};

    use super::{after, before};

    const NOW: OffsetDateTime = datetime!(2026-01-01 12:00 UTC);

    #[test]
    fn no_time_is_too_long() {
        let hour = Duration::from_hours(1);
        assert_eq!(before(NOW, hour), datetime!(2026-01-01 11:00 UTC));
        assert_eq!(after(NOW, hour), datetime!(2026-01-01 13:00 UTC));
        for long in [Duration::from_hours(24 * 365 * 100_000), Duration::MAX] {
            assert_eq!(before(NOW, long), OffsetDateTime::UNIX_EPOCH);
            assert!(after(NOW, long) > datetime!(9999-12-31 0:00 UTC));
        }
    }
}
