//! Values of a row, and values of the domain.

use std::str::FromStr;

use dullahan_core::{Error, Result};
use time::OffsetDateTime;

/// A time as it is stored: milliseconds since 1970 in UTC.
pub(crate) fn to_milliseconds(time: OffsetDateTime) -> i64 {
    let milliseconds = time.unix_timestamp_nanos() / 1_000_000;
    i64::try_from(milliseconds).expect("every time of the time crate fits")
}

/// A time as it was stored.
pub(crate) fn to_time(column: &'static str, milliseconds: i64) -> Result<OffsetDateTime> {
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(milliseconds) * 1_000_000)
        .map_err(|_| unreadable(column))
}

/// A value of the domain as it was stored.
pub(crate) fn parse<T: FromStr>(column: &'static str, text: &str) -> Result<T> {
    text.parse().map_err(|_| unreadable(column))
}

/// The error of a value that this version could not have written. It does not say the value.
pub(crate) fn unreadable(column: &'static str) -> Error {
    Error::internal(Unreadable { column })
}

#[derive(Debug, thiserror::Error)]
#[error("a value of the column `{column}` is none that this version can read")]
struct Unreadable {
    column: &'static str,
}

#[cfg(test)]
mod tests {
    use dullahan_user::domain::UserStatus;
    use time::macros::datetime;

    use super::{parse, to_milliseconds, to_time};

    #[test]
    fn a_time_comes_back_as_it_was() {
        for time in [
            datetime!(1970-01-01 0:00 UTC),
            datetime!(2026-11-22 04:05:06.789 UTC),
            datetime!(1969-12-31 23:59:59.999 UTC),
            datetime!(9999-12-31 23:59:59.999 UTC),
        ] {
            assert_eq!(to_time("t", to_milliseconds(time)).unwrap(), time);
        }
    }

    #[test]
    fn what_cannot_be_read_names_the_column_and_not_the_value() {
        let error = parse::<UserStatus>("status", "hunter2").unwrap_err().to_string();
        assert!(error.contains("`status`") && !error.contains("hunter2"), "{error}");
        assert!(to_time("created_at", i64::MAX).is_err());
    }
}
