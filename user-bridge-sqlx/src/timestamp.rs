//! A time as it is stored.

use time::OffsetDateTime;

/// A time as it is stored: in UTC, to the millisecond.
///
/// SQLite has the milliseconds since 1970 and PostgreSQL a type of its own, which is cut off alike.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Timestamp(OffsetDateTime);

impl From<OffsetDateTime> for Timestamp {
    fn from(time: OffsetDateTime) -> Self {
        Self(time.replace_millisecond(time.millisecond()).expect("a millisecond of a time is one"))
    }
}

impl From<Timestamp> for OffsetDateTime {
    fn from(Timestamp(time): Timestamp) -> Self {
        time
    }
}

#[cfg(feature = "sqlite")]
mod sqlite {
    use sqlx::{
        Decode, Encode, Sqlite, Type,
        encode::IsNull,
        error::BoxDynError,
        sqlite::{SqliteArgumentsBuffer, SqliteTypeInfo, SqliteValueRef},
    };

    use time::{Duration, OffsetDateTime};

    use super::Timestamp;

    impl Timestamp {
        pub(super) fn from_milliseconds(all: i64) -> Result<Self, BoxDynError> {
            let (seconds, milliseconds) = (all.div_euclid(1000), all.rem_euclid(1000));
            let seconds = OffsetDateTime::from_unix_timestamp(seconds)?;
            Ok(Self(seconds + Duration::milliseconds(milliseconds)))
        }

        pub(super) fn milliseconds(self) -> i64 {
            self.0.unix_timestamp() * 1000 + i64::from(self.0.millisecond())
        }
    }

    impl Type<Sqlite> for Timestamp {
        fn type_info() -> SqliteTypeInfo {
            <i64 as Type<Sqlite>>::type_info()
        }

        fn compatible(other: &SqliteTypeInfo) -> bool {
            <i64 as Type<Sqlite>>::compatible(other)
        }
    }

    impl Encode<'_, Sqlite> for Timestamp {
        fn encode_by_ref(
            &self,
            arguments: &mut SqliteArgumentsBuffer,
        ) -> Result<IsNull, BoxDynError> {
            Encode::<Sqlite>::encode_by_ref(&self.milliseconds(), arguments)
        }
    }

    impl<'r> Decode<'r, Sqlite> for Timestamp {
        fn decode(value: SqliteValueRef<'r>) -> Result<Self, BoxDynError> {
            <i64 as Decode<Sqlite>>::decode(value).and_then(Self::from_milliseconds)
        }
    }
}

#[cfg(feature = "postgres")]
mod postgres {
    use sqlx::{
        Decode, Encode, Postgres, Type,
        encode::IsNull,
        error::BoxDynError,
        postgres::{PgArgumentBuffer, PgTypeInfo, PgValueRef},
    };
    use time::OffsetDateTime;

    use super::Timestamp;

    impl Type<Postgres> for Timestamp {
        fn type_info() -> PgTypeInfo {
            <OffsetDateTime as Type<Postgres>>::type_info()
        }

        fn compatible(other: &PgTypeInfo) -> bool {
            <OffsetDateTime as Type<Postgres>>::compatible(other)
        }
    }

    impl Encode<'_, Postgres> for Timestamp {
        fn encode_by_ref(&self, arguments: &mut PgArgumentBuffer) -> Result<IsNull, BoxDynError> {
            Encode::<Postgres>::encode(self.0, arguments)
        }
    }

    impl<'r> Decode<'r, Postgres> for Timestamp {
        fn decode(value: PgValueRef<'r>) -> Result<Self, BoxDynError> {
            <OffsetDateTime as Decode<Postgres>>::decode(value).map(Self::from)
        }
    }
}

#[cfg(test)]
mod tests {
    use time::{OffsetDateTime, macros::datetime};

    use super::Timestamp;

    #[test]
    fn a_time_comes_back_to_the_millisecond() {
        for (time, kept) in [
            (datetime!(1970-01-01 0:00 UTC), datetime!(1970-01-01 0:00 UTC)),
            (datetime!(2026-11-22 04:05:06.789 UTC), datetime!(2026-11-22 04:05:06.789 UTC)),
            (datetime!(2026-11-22 04:05:06.7899 +1), datetime!(2026-11-22 03:05:06.789 UTC)),
            (datetime!(1969-12-31 23:59:59.9991 UTC), datetime!(1969-12-31 23:59:59.999 UTC)),
            (datetime!(9999-12-31 23:59:59.999 UTC), datetime!(9999-12-31 23:59:59.999 UTC)),
        ] {
            assert_eq!(OffsetDateTime::from(Timestamp::from(time)), kept);
            #[cfg(feature = "sqlite")]
            {
                let stored = Timestamp::from(time).milliseconds();
                assert_eq!(Timestamp::from_milliseconds(stored).unwrap(), Timestamp(kept));
            }
        }
    }

    #[test]
    #[cfg(feature = "sqlite")]
    fn a_number_that_is_no_time_is_refused() {
        for number in [i64::MIN, i64::MAX] {
            assert!(Timestamp::from_milliseconds(number).is_err());
        }
    }
}
