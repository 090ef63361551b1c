//! What the tests have in common.

pub(crate) mod app;
pub(crate) mod client;
pub(crate) mod clock;
pub(crate) mod course;
pub(crate) mod database;
pub(crate) mod every_event;
pub(crate) mod gate;
pub(crate) mod hasher;
pub(crate) mod log;
pub(crate) mod mailer;
pub(crate) mod mount;
pub(crate) mod nginx;
#[path = "../../../core-bridge-sqlx/tests/it/postgres/address.rs"]
pub(crate) mod postgres_address;
pub(crate) mod sabotage;
#[path = "../../../core-bridge-sqlx/tests/it/postgres/server.rs"]
mod server_of_postgres;

pub(crate) use self::{
    app::{App, Plan},
    client::{Answer, Send},
    clock::{DAY, HOUR, MINUTE},
    course::Course,
};

/// A password that is good enough.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// Another one.
pub(crate) const OTHER_PASSWORD: &str = "ferret lamp umbrella cheese";

/// One that nobody has.
pub(crate) const WRONG: &str = "wrong horse battery staple";

/// The usual user.
pub(crate) const ALICE: &str = "alice@x.test";

/// Another one.
pub(crate) const BOB: &str = "bob@x.test";

/// Runs each of these tests, which take a plan, on both databases: `name::sqlite` and `name::postgres`.
macro_rules! on_both_databases {
    ($($test:ident,)+) => {$(
        mod $test {
            #[tokio::test(flavor = "multi_thread")]
            async fn sqlite() {
                super::$test($crate::support::Plan::on_sqlite()).await;
            }

            #[tokio::test(flavor = "multi_thread")]
            async fn postgres() {
                super::$test($crate::support::Plan::on_postgres()).await;
            }
        }
    )+};
}

pub(crate) use on_both_databases;

/// Runs each of these tests, which take half a minute, with one bridge on the first database and with the other bridge on
/// the second one: what a database does, no bridge sees.
macro_rules! on_databases_in_turn {
    ($($test:ident on $first:ident and $second:ident,)+) => {$(
        mod $test {
            #[tokio::test(flavor = "multi_thread")]
            async fn in_turn() {
                let plans = [$crate::support::Plan::$first, $crate::support::Plan::$second];
                super::$test(plans[$crate::server::NUMBER]()).await;
            }
        }
    )+};
}

pub(crate) use on_databases_in_turn;
