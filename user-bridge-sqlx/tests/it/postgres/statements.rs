//! How many statements something takes, as the driver tells.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use dullahan_core::Context;
use dullahan_user::domain::TokenDigest;
use tracing::{Event, Metadata, Subscriber, span, subscriber};

use super::stores;

/// Counts the statements that sqlx logs on this thread.
#[derive(Clone, Default)]
struct Statements(Arc<AtomicUsize>);

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
        self.0.fetch_add(1, Ordering::SeqCst);
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

#[tokio::test]
async fn a_session_is_looked_up_with_its_user_and_the_roles_in_one_statement() {
    let stores = stores().await;
    let statements = Statements::default();
    let _counting = subscriber::set_default(statements.clone());
    for lookups in 1..=3 {
        let digest = TokenDigest::from_bytes([1; 32]);
        assert!(stores.sessions.find(&Context::new(), &digest).await.unwrap().is_none());
        assert_eq!(statements.0.load(Ordering::SeqCst), lookups);
    }
}
