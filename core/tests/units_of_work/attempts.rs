//! How often a process is attempted, and who knows.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use dullahan_core::{
    Before, Committed, Context, Core, DefaultAction, Error, ErrorKind, Event, Inject,
    ListenerOptions as _, Observe, Process, Result, event::Repeat,
};

use crate::support::{Log, MemoryStore, store_builder};

/// Without the longest pause, each of them would be an hour.
#[derive(Clone, Process)]
#[event(output = u32, preventable, repeatable(attempts = 6, first_pause_ms = 3_600_000, longest_pause_ms = 1))]
struct AppendProcess {
    loses: u32,
}

/// Run again by hand, as the derive writes it.
struct OnceMoreProcess;

impl Event for OnceMoreProcess {
    type Output = u32;
    type Kind = dullahan_core::event::ProcessKind;
    const NAME: &'static str = "OnceMoreProcess";
    const REPEAT: Option<Repeat<Self>> =
        Some(Repeat::by(|_| Self).attempts(2).first_pause(Duration::ZERO));
}

/// Loses so often, with a conflict that may be run again.
async fn append(
    ev: DefaultAction<'_, AppendProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    let attempt = ev.context().attempt();
    store.put(ev.context(), format!("attempt {attempt}"), "").await?;
    if attempt <= ev.loses {
        return Err(Error::new(ErrorKind::Conflict).with_code("stream_moved").retryable());
    }
    Ok(attempt)
}

fn core(log: &Log) -> (Core, MemoryStore) {
    let (mut core, store) = store_builder(log);
    let (observed, committed) = (log.clone(), log.clone());
    core.declare::<AppendProcess>()
        .default(append)
        .observe(move |ev: Observe<'_, AppendProcess>| {
            observed.add(format!("observed at attempt {}", ev.context().attempt()));
            Ok(())
        })
        .committed(move |ev: Committed<'_, AppendProcess>| {
            committed.add(format!("committed at attempt {}", ev.context().attempt()));
            Ok(())
        });
    (core.build().unwrap(), store)
}

#[tokio::test]
async fn a_retryable_error_of_any_kind_is_run_again_as_often_as_the_event_says() {
    let log = Log::new();
    let (core, store) = core(&log);
    let attempt = core.dispatch(&Context::new(), AppendProcess { loses: 5 }).await.unwrap();
    assert_eq!(attempt, 6);
    assert_eq!(store.keys(), ["attempt 6"], "what lost is rolled back");
    let told: Vec<_> =
        log.entries().into_iter().filter(|one| one.contains("ed at attempt")).collect();
    assert_eq!(told, ["observed at attempt 6", "committed at attempt 6"], "once a process");
}

#[tokio::test]
async fn in_the_end_it_is_the_error_that_it_was() {
    let log = Log::new();
    let (core, store) = core(&log);
    let error = core.dispatch(&Context::new(), AppendProcess { loses: 6 }).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Conflict, "stream_moved"));
    assert!(error.is_retryable());
    assert!(store.keys().is_empty());
    let begun = log.entries().iter().filter(|entry| *entry == "begin").count();
    assert_eq!(begun, 6);
}

#[tokio::test]
async fn a_listener_may_act_in_the_first_attempt_only() {
    let asked = Arc::new(AtomicU32::new(0));
    let (core, _store) = core(&Log::new());
    let counter = Arc::clone(&asked);
    let core = core.overlay(|core| {
        let count = move |_: Before<'_, AppendProcess>| {
            counter.fetch_add(1, Ordering::Relaxed);
            Ok(())
        };
        core.event::<AppendProcess>()
            .before(count.when(|context: &Context| context.attempt() == 1));
    });
    core.unwrap().dispatch(&Context::new(), AppendProcess { loses: 3 }).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 1);
}

#[tokio::test]
async fn what_is_dispatched_outside_of_a_process_is_the_first_attempt() {
    let (mut core, _store) = store_builder(&Log::new());
    core.declare::<OnceMoreProcess>().default(|ev: DefaultAction<'_, OnceMoreProcess>| {
        match ev.context().attempt() {
            2 => Ok(2),
            attempt => Err(Error::transient(format!("attempt {attempt}"))),
        }
    });
    let core = core.build().unwrap();
    let context = Context::new();
    assert_eq!(context.attempt(), 1);
    assert_eq!(core.dispatch(&context, OnceMoreProcess).await.unwrap(), 2);
    assert_eq!(context.attempt(), 1);
}
