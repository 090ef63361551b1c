//! Units of work that lost against another one and are run again.

use dullahan_core::{
    Before, Context, Core, DefaultAction, Error, ErrorKind, Event, Inject, Process, Result, Saga,
    event::Kind,
};

use crate::support::{Log, MemoryStore, StoreCall, Watch, put, store_builder};

#[derive(Clone, Process)]
#[event(output = u32, preventable, repeatable)]
struct TransferProcess {
    amounts: Vec<u32>,
}

#[derive(Process)]
#[event(output = u32)]
struct OnceProcess;

#[derive(Clone, Process)]
#[event(output = u32, repeatable)]
struct NestedProcess;

#[derive(Saga)]
#[event(output = u32)]
struct TransferSaga;

fn transfer() -> TransferProcess {
    TransferProcess { amounts: vec![1] }
}

async fn put_amounts(
    ev: DefaultAction<'_, TransferProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    store.put(ev.context(), format!("amounts {:?}", ev.amounts), "").await?;
    Ok(7)
}

fn add_fee(mut ev: Before<'_, TransferProcess>) -> Result<()> {
    ev.amounts.push(2);
    Ok(())
}

/// A core with one process that a listener changes, and that is told everything.
fn core(log: &Log) -> (Core, MemoryStore) {
    let (mut core, store) = store_builder(log);
    core.declare::<TransferProcess>()
        .before(add_fee)
        .default(put_amounts)
        .observe(log.observe("observe"))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    (core.build().unwrap(), store)
}

#[tokio::test]
async fn a_process_that_lost_is_run_again_from_what_it_was_given() {
    let log = Log::new();
    let (core, store) = core(&log);
    store.lose_next(StoreCall::Put);

    assert_eq!(core.dispatch(&Context::new(), transfer()).await.unwrap(), 7);

    assert_eq!(
        log.entries(),
        [
            "begin",
            "put amounts [1, 2] loses",
            "rollback",
            "begin",
            "put amounts [1, 2]",
            "commit",
            "observe: completed",
            "committed",
        ]
    );
    assert_eq!(store.keys(), ["amounts [1, 2]"]);
}

#[tokio::test]
async fn a_commit_that_lost_is_run_again() {
    let log = Log::new();
    let (core, store) = core(&log);
    store.lose_next(StoreCall::Commit);

    assert_eq!(core.dispatch(&Context::new(), transfer()).await.unwrap(), 7);

    assert_eq!(
        log.entries(),
        [
            "begin",
            "put amounts [1, 2]",
            "commit loses",
            "begin",
            "put amounts [1, 2]",
            "commit",
            "observe: completed",
            "committed",
        ]
    );
}

#[tokio::test]
async fn who_loses_three_times_fails() {
    let log = Log::new();
    let (core, store) = core(&log);
    for _ in 0..3 {
        store.lose_next(StoreCall::Put);
    }

    let error = core.dispatch(&Context::new(), transfer()).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(error.is_retryable());
    assert_eq!(
        log.entries()[6..],
        [
            "begin",
            "put amounts [1, 2] loses",
            "rollback",
            "observe: failed, unavailable",
            "rolled back: unavailable",
        ]
    );
    assert!(store.keys().is_empty());
}

#[tokio::test]
async fn any_other_failure_is_final() {
    let log = Log::new();
    let (core, store) = core(&log);
    store.fail_next(StoreCall::Put);

    let error = core.dispatch(&Context::new(), transfer()).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(!error.is_retryable());
    assert_eq!(log.entries().iter().filter(|entry| *entry == "begin").count(), 1);
}

/// An event that cannot be copied after all.
#[derive(Process)]
#[event(output = u32, repeatable)]
struct UncopiedProcess;

impl Clone for UncopiedProcess {
    fn clone(&self) -> Self {
        std::panic::resume_unwind(Box::new("on purpose"))
    }
}

#[tokio::test]
async fn a_panic_in_the_copy_only_keeps_it_from_being_run_again() {
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<UncopiedProcess>().default(put("default"));
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), UncopiedProcess).await.unwrap(), 7);
    store.lose_next(StoreCall::Put);
    assert!(core.dispatch(&Context::new(), UncopiedProcess).await.unwrap_err().is_retryable());

    let expected = ["begin", "put default", "commit", "begin", "put default loses", "rollback"];
    assert_eq!(log.entries(), expected);
}

#[tokio::test]
async fn core_08_a_panic_in_the_copy_is_reported_once() {
    let log = Log::new();
    let (mut core, _) = store_builder(&log);
    core.declare::<UncopiedProcess>().default(put("default"));
    let core = core.build().unwrap();
    let watch = Watch::failures();
    let listening = watch.listen();

    core.dispatch(&Context::new(), UncopiedProcess).await.unwrap();

    drop(listening);
    let told = watch.told();
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!(told[0]["event"], "UncopiedProcess");
    assert!(told[0]["message"].contains("could not be copied"), "{told:?}");
}

/// How far the runs of a process are apart that always loses.
async fn pauses_between_runs(context: &Context) -> Vec<std::time::Duration> {
    use std::{sync::Arc, time::Instant};

    let began = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let noted = Arc::clone(&began);
    let (mut core, _) = store_builder(&Log::new());
    core.declare::<NestedProcess>().default(move |_: DefaultAction<'_, NestedProcess>| {
        noted.lock().push(Instant::now());
        Err(Error::transient("lost on purpose"))
    });
    let core = core.build().unwrap();

    assert!(core.dispatch(context, NestedProcess).await.unwrap_err().is_retryable());

    let began = began.lock();
    began.windows(2).map(|pair| pair[1] - pair[0]).collect()
}

#[tokio::test]
async fn core_08_runs_that_lost_wait_before_the_next_one_and_longer_each_time() {
    use std::time::Duration;

    let pauses = pauses_between_runs(&Context::new()).await;

    assert_eq!(pauses.len(), 2, "three runs");
    assert!(pauses[0] >= Duration::from_millis(5), "{pauses:?}");
    assert!(pauses[1] >= Duration::from_millis(20), "{pauses:?}");
}

#[tokio::test]
async fn a_process_that_is_not_repeatable_runs_once() {
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<OnceProcess>().default(put("default"));
    let core = core.build().unwrap();
    store.lose_next(StoreCall::Put);

    let error = core.dispatch(&Context::new(), OnceProcess).await.unwrap_err();

    assert!(error.is_retryable());
    assert_eq!(log.entries(), ["begin", "put default loses", "rollback"]);
}

#[tokio::test]
async fn a_joined_process_is_run_again_with_the_one_around_it() {
    async fn nest(mut ev: DefaultAction<'_, TransferProcess>) -> Result<u32> {
        ev.dispatch(NestedProcess).await
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<NestedProcess>()
        .default(put("nested"))
        .committed(log.committed("nested committed"))
        .rolled_back(log.rolled_back("nested rolled back"));
    core.declare::<TransferProcess>().before(put("outer")).default(nest);
    let core = core.build().unwrap();
    store.lose_next(StoreCall::Commit);

    assert_eq!(core.dispatch(&Context::new(), transfer()).await.unwrap(), 7);

    assert_eq!(
        log.entries(),
        [
            "begin",
            "put outer",
            "put nested",
            "commit loses",
            "begin",
            "put outer",
            "put nested",
            "commit",
            "nested committed",
        ]
    );
}

#[tokio::test]
async fn a_joined_process_is_not_run_again_by_itself() {
    async fn nest(mut ev: DefaultAction<'_, OnceProcess>) -> Result<u32> {
        ev.dispatch(NestedProcess).await
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<NestedProcess>().default(put("nested"));
    core.declare::<OnceProcess>().default(nest);
    let core = core.build().unwrap();
    store.lose_next(StoreCall::Put);

    assert!(core.dispatch(&Context::new(), OnceProcess).await.unwrap_err().is_retryable());
    assert_eq!(log.entries(), ["begin", "put nested loses", "rollback"]);
}

#[tokio::test]
async fn compensations_of_a_lost_run_are_forgotten() {
    async fn act(mut ev: DefaultAction<'_, TransferSaga>) -> Result<u32> {
        ev.dispatch(transfer()).await?;
        Err(Error::new(ErrorKind::Conflict))
    }
    async fn put_and_compensate(
        mut ev: DefaultAction<'_, TransferProcess>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<u32> {
        ev.compensate_with(OnceProcess);
        store.put(ev.context(), "transfer", "").await?;
        Ok(7)
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<TransferSaga>().default(act);
    core.declare::<TransferProcess>().default(put_and_compensate);
    core.declare::<OnceProcess>().default(put("taken back"));
    let core = core.build().unwrap();
    store.lose_next(StoreCall::Put);

    assert_eq!(core.run(TransferSaga).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(log.entries().iter().filter(|entry| *entry == "put taken back").count(), 1);
}

#[tokio::test]
async fn past_the_deadline_nothing_is_run_again() {
    async fn take_long(
        ev: DefaultAction<'_, TransferProcess>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<u32> {
        while ev.context().deadline().is_some_and(|deadline| std::time::Instant::now() < deadline) {
            tokio::task::yield_now().await;
        }
        store.put(ev.context(), "late", "").await?;
        Ok(7)
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<TransferProcess>().default(take_long);
    let core = core.build().unwrap();
    store.lose_next(StoreCall::Put);
    let context = Context::new().with_time_limit(std::time::Duration::from_millis(20));

    assert!(core.dispatch(&context, transfer()).await.unwrap_err().is_retryable());
    assert_eq!(log.entries(), ["begin", "put late loses", "rollback"]);
}

#[test]
fn a_dump_tells_what_is_repeatable() {
    let log = Log::new();
    let (core, _) = core(&log);
    let description = core.describe();
    let event = description.events.iter().find(|event| event.name == "TransferProcess").unwrap();
    assert!(event.repeatable);
    assert!(description.to_string().contains("process, preventable, repeatable"));
    assert!(Kind::of::<TransferProcess>() == Kind::Process && TransferProcess::REPEAT.is_some());
    assert!(OnceProcess::REPEAT.is_none());
}
