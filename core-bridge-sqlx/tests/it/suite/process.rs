//! When a process begins, commits and rolls back.

use std::sync::Arc;

use dullahan_core::{Context, Core, DefaultAction, ErrorKind, Process, RolledBack};

use super::{
    Database,
    play::{Counters, Pause, Play, Stage, Step::*, TABLES},
};

#[tokio::test]
async fn a_process_commits_what_its_steps_wrote() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    stage.play([Add("a"), Add("b"), Add("a")]).await.unwrap();
    assert_eq!((stage.committed("a").await, stage.committed("b").await), (2, 1));
}

#[tokio::test]
async fn a_process_without_a_repository_call_begins_nothing() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    // A closed store gives no connection to anybody.
    stage.counters.0.close().await;
    assert!(stage.play([]).await.unwrap().is_empty());
    assert_eq!(stage.play([Add("a")]).await.unwrap_err().kind(), ErrorKind::Unavailable);
}

#[tokio::test]
async fn an_error_rolls_all_of_it_back() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let error = stage.play([Add("a"), Fail]).await.unwrap_err();
    assert!(error.to_string().contains("told to"), "{error}");
    assert_eq!(stage.committed("a").await, 0);
    stage.play([Add("a")]).await.unwrap();
}

#[tokio::test]
async fn a_panic_rolls_all_of_it_back() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let error = stage.play([Add("a"), Panic]).await.unwrap_err();
    assert!(error.to_string().contains("panicked: told to"), "{error}");
    assert_eq!(stage.committed("a").await, 0);
    stage.play([Add("a")]).await.unwrap();
}

#[tokio::test]
async fn a_nested_process_shares_the_fate_of_the_outer_one() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    stage.play([Add("a"), Joined(vec![Add("b")])]).await.unwrap();
    assert_eq!((stage.committed("a").await, stage.committed("b").await), (1, 1));

    stage.play([Joined(vec![Add("b")]), Fail]).await.unwrap_err();
    assert_eq!(stage.committed("b").await, 1);
    // Not even when its error is swallowed.
    stage
        .play([Add("a"), Tolerate(Box::new(Joined(vec![Add("b"), Fail]))), Add("a")])
        .await
        .unwrap_err();
    assert_eq!((stage.committed("a").await, stage.committed("b").await), (1, 1));
}

#[tokio::test]
async fn a_process_in_a_savepoint_fails_alone() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let inner = Alone(vec![Add("b"), Fail]);
    let outer = Alone(vec![Add("c"), Tolerate(Box::new(inner)), Add("c")]);
    stage.play([Add("a"), outer, Alone(vec![Add("d")]), Add("a")]).await.unwrap();
    let mut values = Vec::new();
    for name in ["a", "b", "c", "d"] {
        values.push(stage.committed(name).await);
    }
    assert_eq!(values, [2, 0, 2, 1]);
}

#[tokio::test]
async fn a_statement_that_fails_in_a_savepoint_is_undone_alone() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let twice = Alone(vec![Add("b"), Make("a")]);
    stage.play([Make("a"), Tolerate(Box::new(twice)), Add("a")]).await.unwrap();
    assert_eq!((stage.committed("a").await, stage.committed("b").await), (1, 0));
}

#[tokio::test]
async fn a_process_reads_its_own_writes() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let steps = [Read("a"), Add("a"), Read("a"), Joined(vec![Read("a"), Add("a")]), Read("a")];
    assert_eq!(stage.play(steps).await.unwrap(), [0, 1, 1, 2]);
}

#[tokio::test]
async fn a_read_outside_sees_only_what_is_committed_and_does_not_wait() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let pause = Arc::new(Pause::default());
    let process = tokio::spawn({
        let (stage, pause) = (stage.clone(), Arc::clone(&pause));
        async move { stage.play([Add("a"), Pause(pause), Add("a")]).await }
    });
    pause.reached.notified().await;
    assert_eq!(stage.committed("a").await, 0);
    pause.go_on.notify_one();
    process.await.unwrap().unwrap();
    assert_eq!(stage.committed("a").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn fifty_processes_at_once_that_write_the_same_row_all_succeed() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    // Two stores, as of two programs.
    let other = Stage::over(database.open().await);
    let processes: Vec<_> = (0..50)
        .map(|number| {
            let stage = if number % 2 == 0 { stage.clone() } else { other.clone() };
            tokio::spawn(async move { stage.play([Read("a"), Add("a"), Read("a")]).await })
        })
        .collect();
    for process in processes {
        process.await.unwrap().unwrap();
    }
    assert_eq!(stage.committed("a").await, 50);
}

#[tokio::test]
async fn a_commit_that_fails_is_the_outcome() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    for _ in 0..3 {
        let error = stage.play([Add("a"), AddPartOfNothing]).await.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Internal);
        assert_eq!(error.listener(), Some("the commit of the unit of work"));
        assert!(error.to_string().to_lowercase().contains("foreign key"), "{error}");
        assert_eq!(stage.committed("a").await, 0);
    }
    stage.play([Add("a")]).await.unwrap();
    assert_eq!(stage.committed("a").await, 1);
}

/// A process that fails, and one that notes the failed attempt.
#[derive(Process)]
struct Attempt(&'static str);

#[tokio::test]
async fn core_01_a_rolled_back_listener_of_a_savepoint_may_write_what_the_outer_process_wrote() {
    let database = Database::new().await;
    let store = database.open().await;
    store.migrate("test", &[TABLES]).await.unwrap();
    let counters = Counters(store.clone());
    let mut core = Core::builder();
    core.units_of_work(Arc::new(store));
    core.declare::<Play>().default(counters.clone());
    core.declare::<Attempt>()
        .default(async |mut ev: DefaultAction<'_, Attempt>| {
            let failed = ev.dispatch(Play(vec![Add("attempted"), Fail])).await;
            failed.map(drop)
        })
        .rolled_back(async |mut ev: RolledBack<'_, Attempt>| {
            let name = ev.0;
            ev.dispatch(Play(vec![Add(name)])).await.map(drop)
        });
    core.declare::<Trip>().default(async |mut ev: DefaultAction<'_, Trip>| {
        ev.dispatch(Play(vec![Add("a")])).await?;
        assert!(ev.dispatch_in_savepoint(Attempt("a")).await.is_err());
        ev.dispatch(Play(vec![Add("a")])).await.map(drop)
    });
    let stage = Stage { core: core.build().unwrap(), counters };

    let limit = std::time::Duration::from_secs(5);
    tokio::time::timeout(limit, stage.core.dispatch(&Context::new(), Trip)).await.unwrap().unwrap();

    assert_eq!(stage.committed("a").await, 3, "twice by the process, once by its listener");
    assert_eq!(stage.committed("attempted").await, 0);
}

/// A process around an attempt.
#[derive(Process)]
struct Trip;
