//! SQLite: the suite on a file, and what is peculiar to it.

mod opening;
mod peculiarities;
#[path = "suite.rs"]
mod suite;

use std::{sync::Arc, time::Duration};

use sqlx::sqlite::SqlitePoolOptions;
use tempfile::TempDir;

use self::suite::play::{Stage, Step};

/// A statement that takes about so long.
pub(crate) const TEN_SECONDS: &str =
    "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000000)
     SELECT max(i) FROM n";

pub(crate) type Store = dullahan_core_bridge_sqlx::SqliteStore;

/// A file that nobody else uses.
#[derive(Clone)]
pub(crate) struct Database {
    folder: Arc<TempDir>,
}

impl Database {
    pub(crate) async fn new() -> Self {
        Self { folder: Arc::new(tempfile::tempdir().unwrap()) }
    }

    pub(crate) fn url(&self) -> String {
        format!("sqlite://{}/test.sqlite", self.folder.path().display())
    }

    pub(crate) async fn open(&self) -> Store {
        Store::open(&self.url()).await.unwrap()
    }

    /// A store that waits no longer than this for anything.
    pub(crate) async fn open_with_patience(&self, patience: Duration) -> Store {
        let options = SqlitePoolOptions::new().acquire_timeout(patience);
        Store::from_pool(options.connect(&self.url()).await.unwrap())
    }

    /// Waits until whoever was writing has finished: the next writer begins after them.
    pub(crate) async fn wait_for_writers(&self, stage: &Stage) {
        stage.play([Step::Read("a")]).await.unwrap();
    }

    /// One that is open would keep all others from writing.
    pub(crate) async fn expect_no_open_transaction(&self, stage: &Stage) {
        let other = Stage::over(self.open().await);
        for stage in [stage, &other, stage, stage] {
            stage.play([Step::Add("probe")]).await.unwrap();
        }
    }
}
