//! The unit of work on real databases. What is common to all of them is in `suite`, and runs on each.

#![cfg_attr(
    any(feature = "postgres", feature = "sqlite"),
    expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")
)]
#![cfg_attr(
    all(feature = "postgres", feature = "sqlite"),
    expect(clippy::duplicate_mod, reason = "the suite runs once for each database")
)]

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
mod sqlite;
