//! How many statements something takes, as the driver logs them. By itself, since a process has one log.

#![cfg(all(feature = "postgres", feature = "sqlite"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "../../core-bridge-sqlx/tests/it/postgres/server.rs"]
mod server;

use std::sync::atomic::{AtomicUsize, Ordering};

use dullahan_core::Context;
use dullahan_core_bridge_sqlx::{PostgresStore, SqliteStore};
use dullahan_user::{domain::TokenDigest, testing::Stores};
use dullahan_user_bridge_sqlx::{check_migrated, migrate, module};
use tracing::{Event, Metadata, Subscriber, span, subscriber};

static STATEMENTS: AtomicUsize = AtomicUsize::new(0);

/// Counts what sqlx logs of statements.
struct Statements;

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, _: &Event<'_>) {
        STATEMENTS.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// So many lookups, on connections that are opened for them.
async fn look_up(stores: &Stores, times: usize) {
    for _ in 0..times {
        let digest = TokenDigest::from_bytes([1; 32]);
        assert!(stores.sessions.find(&Context::new(), &digest).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_session_is_looked_up_with_its_user_and_the_roles_in_one_statement() {
    subscriber::set_global_default(Statements).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}/users.sqlite", folder.path().display());
    migrate(&SqliteStore::open(&sqlite).await.unwrap()).await.unwrap();
    let postgres = server::create_database().await;
    migrate(&PostgresStore::open(&postgres).await.unwrap()).await.unwrap();

    // What it takes to open a connection is the same each time, and by the time it is closed all is logged.
    let mut counts = [[0; 2]; 2];
    for (number, times) in [1, 11].into_iter().enumerate() {
        STATEMENTS.store(0, Ordering::SeqCst);
        let store = SqliteStore::open(&sqlite).await.unwrap();
        check_migrated(&store).await.unwrap();
        look_up(&Stores::new(module(store.clone())).unwrap(), times).await;
        store.close().await;
        counts[0][number] = STATEMENTS.swap(0, Ordering::SeqCst);
        let store = PostgresStore::open(&postgres).await.unwrap();
        check_migrated(&store).await.unwrap();
        look_up(&Stores::new(module(store.clone())).unwrap(), times).await;
        store.close().await;
        counts[1][number] = STATEMENTS.load(Ordering::SeqCst);
    }
    assert!(counts.iter().all(|[few, many]| *few > 0 && many - few == 10), "{counts:?}");
}
