//! Futures that are dropped before they are ready, as when a client goes away.

use std::{
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
};

use dullahan_core::{After, Context, Core, unit_of_work::UnitOfWorkProvider as _};

use super::{
    Database,
    play::{Pause, Play, Stage, Step::*},
};

/// Polls a future once more than so many times and then drops it; `None` when it was not ready by then.
async fn poll_and_drop<T>(future: impl Future<Output = T>, times: usize) -> Option<T> {
    let mut future = pin!(future);
    let mut left = times;
    std::future::poll_fn(|context| match future.as_mut().poll(context) {
        Poll::Ready(value) => Poll::Ready(Some(value)),
        Poll::Pending if left == 0 => Poll::Ready(None),
        Poll::Pending => {
            left -= 1;
            Poll::Pending
        }
    })
    .await
}

#[tokio::test]
async fn a_dropped_process_is_rolled_back() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let pause = Arc::new(Pause::default());
    tokio::select! {
        _ = stage.play([Add("a"), Pause(Arc::clone(&pause))]) => unreachable!("it waits"),
        () = pause.reached.notified() => {}
    }
    stage.play([Add("b")]).await.unwrap();
    assert_eq!((stage.committed("a").await, stage.committed("b").await), (0, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_that_is_dropped_at_any_point_is_stored_whole_or_not_at_all() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let steps = || [Add("a"), Read("a"), Alone(vec![Add("b")]), Add("c")];
    // How often a process is polled depends on how fast the database is, so the points differ in each round.
    let (mut stored, mut dropped) = (0, 0);
    for times in (0..20).cycle().take(300) {
        let outcome = poll_and_drop(stage.play(steps()), times).await;
        database.wait_for_writers(&stage).await;
        let [a, b, c] =
            [stage.committed("a").await, stage.committed("b").await, stage.committed("c").await];
        assert!(a == b && b == c, "dropped after {times} polls: {a} {b} {c}");
        match outcome {
            Some(finished) => {
                finished.unwrap();
                assert_eq!(a, stored + 1);
            }
            None => {
                assert!(a == stored || a == stored + 1);
                dropped += 1;
            }
        }
        stored = a;
    }
    assert!(dropped > 0);
    database.expect_no_open_transaction(&stage).await;
}

#[tokio::test]
async fn a_unit_of_work_whose_begin_is_dropped_does_not_stay_open() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    for times in (0..4).cycle().take(40) {
        drop(poll_and_drop(stage.counters.0.begin(), times).await);
        database.expect_no_open_transaction(&stage).await;
    }
}

#[tokio::test]
async fn a_process_that_is_dropped_while_it_commits_is_stored() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let finished = Arc::new(AtomicBool::new(false));
    let mut builder = Core::builder();
    builder.units_of_work(Arc::new(stage.counters.0.clone()));
    builder.declare::<Play>().default(stage.counters.clone()).after({
        let finished = Arc::clone(&finished);
        move |_: After<'_, Play>| {
            finished.store(true, Ordering::Relaxed);
            Ok(())
        }
    });
    let core = builder.build().unwrap();
    for round in 1..=40 {
        finished.store(false, Ordering::Relaxed);
        {
            // Whatever is waited for after the last listener is the commit.
            let context = Context::new();
            let mut process = pin!(core.dispatch(&context, Play(vec![Add("a")])));
            std::future::poll_fn(|context| match process.as_mut().poll(context) {
                Poll::Pending if !finished.load(Ordering::Relaxed) => Poll::Pending,
                _ => Poll::Ready(()),
            })
            .await;
        }
        database.wait_for_writers(&stage).await;
        assert_eq!(stage.committed("a").await, round);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn many_processes_that_are_dropped_at_once_leave_the_store_in_order() {
    let database = Database::new().await;
    let stage = Stage::in_new(&database).await;
    let processes: Vec<_> = (0..60)
        .map(|number| {
            let stage = stage.clone();
            tokio::spawn(async move {
                poll_and_drop(stage.play([Add("a"), Add("b"), Add("c")]), number % 12).await
            })
        })
        .collect();
    for process in processes {
        if let Some(finished) = process.await.unwrap() {
            finished.unwrap();
        }
    }
    database.wait_for_writers(&stage).await;
    let [a, b, c] =
        [stage.committed("a").await, stage.committed("b").await, stage.committed("c").await];
    assert!(a == b && b == c, "{a} {b} {c}");
    database.expect_no_open_transaction(&stage).await;
    stage.play([Add("a")]).await.unwrap();
}
