//! What a store refuses, and what it says then.

use std::sync::Arc;

use dullahan_core::{
    BoxFuture, Context, ErrorKind, Result,
    unit_of_work::{UnitOfWork, UnitOfWorkProvider},
};

use super::{
    Database,
    play::{Counters, Play, Stage, Step::*, core_with},
};

#[tokio::test]
async fn a_write_outside_of_a_process_is_refused_and_says_what_to_do() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let error = stage.counters.add(&Context::new(), "a").await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    let said = error.to_string();
    assert!(said.contains("outside of a process") && said.contains("#[derive(Process)]"), "{said}");
    assert_eq!(stage.committed("a").await, 0);
}

#[tokio::test]
async fn a_connection_that_was_given_to_read_does_not_write() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let context = Context::new();
    let mut connection = stage.counters.0.read(&context).await.unwrap();
    let insert = sqlx::query("INSERT INTO counters (name, value) VALUES ('a', 1)");
    let error = insert.execute(&mut *connection).await.unwrap_err().to_string();
    assert!(error.contains("readonly") || error.contains("read-only"), "{error}");
    drop(connection);
    assert_eq!(stage.committed("a").await, 0);
}

#[tokio::test]
async fn a_repository_of_another_store_is_refused_and_says_what_to_do() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    // The same database and the same type, and yet other connections.
    let other = Counters(database.open().await);
    let core = core_with(Arc::new(stage.counters.0.clone()), other);
    for step in [Add("a"), Read("a")] {
        let error = core.dispatch(&Context::new(), Play(vec![step])).await.unwrap_err();
        assert!(error.to_string().contains("clones of one store"), "{error}");
    }
    assert_eq!(stage.committed("a").await, 0);
}

/// A unit of work of another adapter.
struct Foreign;

impl UnitOfWorkProvider for Foreign {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        Box::pin(async { Ok(Box::new(Foreign) as Box<dyn UnitOfWork>) })
    }
}

impl UnitOfWork for Foreign {
    fn commit(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn rollback(self: Box<Self>) -> BoxFuture<'static, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn savepoint(&mut self, _: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn release_savepoint(&mut self, _: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }

    fn rollback_to_savepoint(&mut self, _: u32) -> BoxFuture<'_, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

#[tokio::test]
async fn the_unit_of_work_of_another_adapter_is_refused_and_says_what_to_do() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let core = core_with(Arc::new(Foreign), stage.counters.clone());
    let error = core.dispatch(&Context::new(), Play(vec![Add("a")])).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(error.to_string().contains("clones of one store"), "{error}");
    assert_eq!(stage.committed("a").await, 0);
}

#[tokio::test]
async fn an_error_of_the_database_quotes_no_value_and_tells_a_client_nothing() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let error = stage.play([Make("canary"), Make("canary")]).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert_eq!(error.message(), "an internal error occurred");
    let said = format!("{error} {error:?}");
    assert!(said.to_lowercase().contains("unique"), "{said}");
    assert!(!said.contains("canary"), "{said}");
}

#[tokio::test]
async fn a_store_shows_no_address() {
    let database = Database::new().await;
    let shown = format!("{:?}", database.open().await);
    assert!(shown.starts_with("Store(") && !shown.contains('/'), "{shown}");
}
