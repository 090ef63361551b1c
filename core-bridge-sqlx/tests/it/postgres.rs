//! PostgreSQL: the suite on a database of each test's own, and what is peculiar to it.

mod address;
mod failover;
mod opening;
mod peculiarities;
mod pooler;
mod server;
#[path = "suite.rs"]
mod suite;

use std::time::Duration;

use sqlx::{Connection as _, PgConnection, postgres::PgPoolOptions};

use self::suite::play::Stage;

/// A statement that takes so long.
pub(crate) const TEN_SECONDS: &str = "SELECT pg_sleep(10)";

pub(crate) type Store = dullahan_core_bridge_sqlx::PostgresStore;

/// A database that nobody else uses.
#[derive(Clone)]
pub(crate) struct Database {
    url: String,
}

impl Database {
    pub(crate) async fn new() -> Self {
        Self { url: server::create_database().await }
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url).await.unwrap()
    }

    /// A store that waits no longer than this for anything.
    pub(crate) async fn open_with_patience(&self, patience: Duration) -> Store {
        let options = PgPoolOptions::new().acquire_timeout(patience);
        Store::from_pool(options.connect(&self.url).await.unwrap())
    }

    /// A connection that is none of the store's.
    pub(crate) async fn connect(&self) -> PgConnection {
        PgConnection::connect(&self.url).await.unwrap()
    }

    /// Waits until whoever was writing has finished, by a lock that nobody has who writes.
    pub(crate) async fn wait_for_writers(&self, _: &Stage) {
        let lock = "BEGIN; LOCK TABLE counters IN SHARE MODE; COMMIT";
        sqlx::raw_sql(lock).execute(&mut self.connect().await).await.unwrap();
    }

    /// Waits until no connection is in a transaction any more.
    pub(crate) async fn expect_no_open_transaction(&self, _: &Stage) {
        let open = "SELECT count(*) FROM pg_stat_activity \
                    WHERE datname = current_database() AND state LIKE 'idle in transaction%'";
        let mut connection = self.connect().await;
        let none = async {
            let mut count = 1_i64;
            while count > 0 {
                count = sqlx::query_scalar(open).fetch_one(&mut connection).await.unwrap();
            }
        };
        let in_time = tokio::time::timeout(Duration::from_secs(10), none).await;
        in_time.expect("a transaction stayed open");
    }
}
