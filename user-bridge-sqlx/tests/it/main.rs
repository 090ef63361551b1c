//! The stores on real databases: the suite that every adapter runs, and what is peculiar to these.

#![cfg_attr(
    any(feature = "postgres", feature = "sqlite"),
    expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")
)]

#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod flow;
#[cfg(any(feature = "postgres", feature = "sqlite"))]
mod known;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
#[cfg_attr(
    feature = "postgres",
    expect(clippy::duplicate_mod, reason = "an older program has the same statements for both")
)]
mod sqlite;
