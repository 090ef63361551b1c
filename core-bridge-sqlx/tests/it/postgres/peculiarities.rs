//! What PostgreSQL does that others do not.

use std::{sync::Arc, time::Duration};

use dullahan_core::{Context, ErrorKind};
use dullahan_core_bridge_sqlx::{Migration, store_error};
use sqlx::postgres::PgPoolOptions;
use tokio::task::JoinSet;

use super::{
    Database, Store,
    suite::play::{Pause, PlayAgain, Stage, Step::*, TABLES},
};

#[tokio::test]
async fn a_commit_after_a_statement_that_failed_and_was_tolerated_is_no_success() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let steps = [Add("b"), Make("a"), Tolerate(Box::new(Make("a")))];
    let error = stage.play(steps).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(error.to_string().contains("dispatch_in_savepoint"), "{error}");
    assert_eq!((stage.committed("a").await, stage.committed("b").await), (0, 0));
    stage.play([Add("b")]).await.unwrap();
}

#[tokio::test]
async fn a_commit_goes_on_when_nobody_waits_for_it_any_more() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    // A commit that takes as long as somebody else has a lock.
    let slow = Migration::new(
        2,
        "slow commit",
        "CREATE FUNCTION wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             PERFORM pg_advisory_xact_lock(7); RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON counters
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION wait();",
    );
    stage.counters.0.migrate("test", &[TABLES, slow]).await.unwrap();

    let mut other = database.connect().await;
    sqlx::raw_sql("SELECT pg_advisory_lock(7)").execute(&mut other).await.unwrap();
    tokio::select! {
        _ = stage.play([Add("a"), Add("b")]) => unreachable!("it waits for the lock"),
        () = database.wait_until_somebody_waits_for_a_lock() => {}
    }
    sqlx::raw_sql("SELECT pg_advisory_unlock(7)").execute(&mut other).await.unwrap();
    database.wait_for_writers(&stage).await;
    assert_eq!((stage.committed("a").await, stage.committed("b").await), (1, 1));
}

#[tokio::test]
async fn whoever_waits_for_a_connection_in_vain_is_told_so() {
    let database = Database::new().await;
    let options =
        PgPoolOptions::new().max_connections(1).acquire_timeout(Duration::from_millis(200));
    let store = Store::from_pool(options.connect(&database.url).await.unwrap());
    store.migrate("test", &[TABLES]).await.unwrap();
    let stage = Stage::over(store);
    let pause = Arc::new(Pause::default());
    let (held, refused) = tokio::join!(stage.play([Add("a"), Pause(Arc::clone(&pause))]), async {
        pause.reached.notified().await;
        let refused = stage.play([Add("b")]).await;
        pause.go_on.notify_one();
        refused
    });
    held.unwrap();
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lost_deadlock_is_unavailable_and_rolls_back() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    stage.play([Make("a"), Make("b")]).await.unwrap();
    let (first, second) = (Arc::new(Pause::default()), Arc::new(Pause::default()));
    let (one, other, ()) = tokio::join!(
        stage.play([Add("a"), Pause(Arc::clone(&first)), Add("b")]),
        stage.play([Add("b"), Pause(Arc::clone(&second)), Add("a")]),
        async {
            first.reached.notified().await;
            second.reached.notified().await;
            first.go_on.notify_one();
            second.go_on.notify_one();
        }
    );
    let lost = [one, other].into_iter().filter_map(Result::err).collect::<Vec<_>>();
    assert_eq!(lost.len(), 1);
    assert_eq!(lost[0].kind(), ErrorKind::Unavailable);
    assert_eq!((stage.committed("a").await, stage.committed("b").await), (1, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeatable_process_that_lost_a_deadlock_is_run_again() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    stage.play([Make("a"), Make("b")]).await.unwrap();
    let (first, second) = (Arc::new(Pause::default()), Arc::new(Pause::default()));
    let context = Context::new();
    let play = |steps: [_; 3]| stage.core.dispatch(&context, PlayAgain(steps.to_vec()));
    let both = async {
        tokio::join!(
            play([Add("a"), Pause(Arc::clone(&first)), Add("b")]),
            play([Add("b"), Pause(Arc::clone(&second)), Add("a")]),
        )
    };
    let opening = async {
        first.reached.notified().await;
        second.reached.notified().await;
        first.go_on.notify_one();
        second.go_on.notify_one();
        // Whoever lost comes by once more; and again, if it was faster at its first row than the other one, which waits for
        // that, woke up.
        loop {
            tokio::select! {
                () = first.reached.notified() => first.go_on.notify_one(),
                () = second.reached.notified() => second.go_on.notify_one(),
            }
        }
    };
    tokio::select! {
        (one, other) = both => {
            one.unwrap();
            other.unwrap();
        }
        () = opening => {}
    }
    assert_eq!((stage.committed("a").await, stage.committed("b").await), (2, 2));
}

#[tokio::test]
async fn a_transaction_that_cannot_be_serialised_is_run_again() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let refusing = Migration::new(
        2,
        "refusing",
        "CREATE SEQUENCE commits;
         CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
             IF nextval('commits') < 3 THEN
                 RAISE EXCEPTION 'could not serialize access' USING ERRCODE = '40001';
             END IF;
             RETURN NULL;
         END $$;
         CREATE CONSTRAINT TRIGGER refusing AFTER INSERT ON counters
             DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION refuse();",
    );
    stage.counters.0.migrate("test", &[TABLES, refusing]).await.unwrap();

    let error = stage.play([Add("a")]).await.unwrap_err();
    assert!(error.is_retryable());
    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(stage.committed("a").await, 0);

    stage.core.dispatch(&Context::new(), PlayAgain(vec![Add("a")])).await.unwrap();
    assert_eq!(stage.committed("a").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_migration_that_lost_a_deadlock_is_run_again() {
    let database = Database::new().await;
    let store = database.open().await;
    let tables = Migration::new(1, "tables", "CREATE TABLE one (); CREATE TABLE two ();");
    let columns = Migration::new(
        2,
        "columns",
        "ALTER TABLE one ADD COLUMN a INT; ALTER TABLE two ADD COLUMN b INT;",
    );
    store.migrate("test", &[tables]).await.unwrap();
    let mut running = database.connect().await;
    let lock = "BEGIN; LOCK TABLE two IN ROW EXCLUSIVE MODE";
    sqlx::raw_sql(lock).execute(&mut running).await.unwrap();
    let migrating = tokio::spawn(async move { store.migrate("test", &[tables, columns]).await });
    database.wait_until_somebody_waits_for_a_lock_of("relation").await;
    // Whoever has waited longer looks for a deadlock first, and gives way: that is the migration.
    let lock = "LOCK TABLE one IN ROW EXCLUSIVE MODE; COMMIT";
    sqlx::raw_sql(lock).execute(&mut running).await.unwrap();
    migrating.await.unwrap().unwrap();
    let both = "SELECT a, b FROM one, two";
    sqlx::raw_sql(both).execute(&mut running).await.unwrap();
}

#[tokio::test]
async fn a_connection_that_the_server_ended_is_unavailable_once_and_then_replaced() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    stage.play([Add("a")]).await.unwrap();
    // Before a statement, and before the commit.
    for rest in [vec![Add("a")], vec![]] {
        let pause = Arc::new(Pause::default());
        let steps = [vec![Add("a"), Pause(Arc::clone(&pause))], rest].concat();
        let (ended, ()) = tokio::join!(stage.play(steps), async {
            pause.reached.notified().await;
            database.end_other_connections().await;
            pause.go_on.notify_one();
        });
        assert_eq!(ended.unwrap_err().kind(), ErrorKind::Unavailable);
        while stage.play([Add("b")]).await.is_err() {}
    }
    // Those that lay idle are gone too; each is found out at its next use, at the latest.
    let mut tries = 0;
    while stage.play([Add("a")]).await.is_err() {
        tries += 1;
        assert!(tries < 20, "no connection was replaced");
    }
    assert_eq!(stage.committed("a").await, 2);
}

/// One failure at most for each connection that the server ended, and none of one that was found out already.
#[tokio::test(flavor = "multi_thread")]
async fn ops_02_a_dead_connection_fails_one_read_at_most() {
    let database = Database::new().await;
    let store = database.open().await;
    let read = |store: Store| async move {
        let context = Context::new();
        let mut connection = store.read(&context).await?;
        sqlx::query("SELECT 1").execute(&mut *connection).await.map_err(store_error)?;
        connection.done();
        Ok::<_, dullahan_core::Error>(())
    };
    let failures_of = |reads: usize| {
        let store = store.clone();
        async move {
            let mut reading = JoinSet::new();
            for _ in 0..16 {
                let store = store.clone();
                reading.spawn(async move {
                    let mut failures = 0;
                    for _ in 0..reads {
                        failures += usize::from(read(store.clone()).await.is_err());
                    }
                    failures
                });
            }
            reading.join_all().await.into_iter().sum::<usize>()
        }
    };
    for _ in 0..3 {
        assert_eq!(failures_of(20).await, 0);
        let ended = database.end_other_connections().await;
        assert!(ended > 0);
        let failures = failures_of(100).await;
        assert!(failures <= ended, "{failures} reads failed for {ended} connections");
    }
}

impl Database {
    async fn wait_until_somebody_waits_for_a_lock(&self) {
        self.wait_until_somebody_waits_for_a_lock_of("advisory").await;
    }

    async fn wait_until_somebody_waits_for_a_lock_of(&self, kind: &str) {
        let mut connection = self.connect().await;
        let waiting = "SELECT count(*) FROM pg_locks WHERE locktype = $1 AND NOT granted AND database = \
                       (SELECT oid FROM pg_database WHERE datname = current_database())";
        let mut count = 0_i64;
        while count == 0 {
            let waiting = sqlx::query_scalar(waiting).bind(kind);
            count = waiting.fetch_one(&mut connection).await.unwrap();
        }
    }

    /// Ends all other connections. How many it were.
    async fn end_other_connections(&self) -> usize {
        let mut connection = self.connect().await;
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid()";
        sqlx::query(end).fetch_all(&mut connection).await.unwrap().len()
    }
}
