//! Wraps inside of a process: what they swallow leaves nothing half done.

use dullahan_core::{
    Context, CoreBuilder, DefaultAction, Error, ErrorKind, Event, Inject, Listener, Process,
    Result, Wrap,
};

use crate::support::{Log, MemoryStore, Stepper, give_up_after, pause, put, store_builder};

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Process)]
#[event(output = u32, preventable)]
struct RegisterProcess {
    how: How,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum How {
    Joined,
    Savepoint,
}

#[derive(Event)]
#[event(output = u32, preventable)]
struct IndexUser;

#[derive(Event)]
#[event(output = u32, preventable)]
struct CountUser;

async fn register(mut ev: DefaultAction<'_, RegisterProcess>) -> Result<u32> {
    match ev.how {
        How::Joined => ev.dispatch(CreateUserProcess).await,
        How::Savepoint => ev.dispatch_in_savepoint(CreateUserProcess).await,
    }
}

/// Writes, has an event write, waits, and fails.
async fn half(
    ev: DefaultAction<'_, CreateUserProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    do_half(ev, store).await
}

async fn half_of_a_plain_event(
    ev: DefaultAction<'_, IndexUser>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    do_half(ev, store).await
}

async fn do_half<E: Event>(
    mut ev: DefaultAction<'_, E>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    store.put(ev.context(), "half", "1").await?;
    ev.dispatch(CountUser).await?;
    pause().await;
    Err(Error::new(ErrorKind::Unavailable))
}

/// Answers in place of what it surrounds, and writes.
struct Answer {
    store: MemoryStore,
    /// How often it polls before it gives up.
    polls: usize,
    forgets: bool,
}

impl<E: Event<Output = u32>> Listener<Wrap<'_, E>> for Answer {
    async fn call(&self, mut ev: Wrap<'_, E>) -> Result<u32> {
        let mut next = Box::pin(ev.next());
        let answered = give_up_after(self.polls, &mut next).await;
        if self.forgets {
            std::mem::forget(next);
        } else {
            drop(next);
        }
        match answered {
            Some(Ok(_)) => panic!("it fails"),
            Some(Err(error)) => assert_eq!(error.kind(), ErrorKind::Unavailable),
            None => {}
        }
        // What is forgotten in the middle of a call keeps the store.
        if !self.forgets {
            self.store.put(ev.context(), "fallback", "1").await?;
        }
        Ok(7)
    }
}

fn wire(log: &Log) -> (CoreBuilder, MemoryStore) {
    let (mut core, store) = store_builder(log);
    core.declare::<RegisterProcess>().default(register);
    core.declare::<CreateUserProcess>().default(half);
    core.declare::<IndexUser>().default(half_of_a_plain_event);
    core.declare::<CountUser>()
        .default(put("count"))
        .committed(log.committed("count committed"))
        .rolled_back(log.rolled_back("count rolled back"));
    (core, store)
}

#[tokio::test]
async fn core_20_a_wrap_that_swallows_an_error_commits_nothing_half_done() {
    for how in [None, Some(How::Joined), Some(How::Savepoint)] {
        let log = Log::new();
        let (mut core, store) = wire(&log);
        let answer = Answer { store: store.clone(), polls: usize::MAX, forgets: false };
        core.event::<CreateUserProcess>().wrap(answer);
        let core = core.build().unwrap();

        let registered = match how {
            None => core.dispatch(&Context::new(), CreateUserProcess).await,
            Some(how) => core.dispatch(&Context::new(), RegisterProcess { how }).await,
        };

        assert_eq!(registered.unwrap(), 7);
        assert_eq!(store.keys(), ["fallback"], "{how:?}: {:?}", log.entries());
        let told: Vec<_> = log.entries().into_iter().filter(|entry| entry.contains("ed")).collect();
        assert_eq!(told, ["count rolled back: unavailable"], "{how:?}");
    }
}

/// Gives up at each await point in turn.
fn at_each_await_point(
    forgets: bool,
    wire_wrap: impl Fn(&mut CoreBuilder, Answer),
    check: impl Fn(Result<u32>, &MemoryStore, &Log, usize),
) {
    let mut polls = 0;
    loop {
        let log = Log::new();
        let (mut core, store) = wire(&log);
        wire_wrap(&mut core, Answer { store: store.clone(), polls, forgets });
        let core = core.build().unwrap();

        let context = Context::new();
        let result = Stepper::new(core.dispatch(&context, CreateUserProcess)).finish();

        check(result, &store, &log, polls);
        if log.entries().iter().any(|entry| entry == "count rolled back: unavailable") {
            break;
        }
        polls += 1;
    }
    assert!(polls > 5, "there are some places to give up at: {polls}");
}

fn whole_or_not_at_all(result: Result<u32>, store: &MemoryStore, log: &Log, polls: usize) {
    let entries = log.entries();
    match result {
        Ok(_) => assert_eq!(store.keys(), ["fallback"], "{polls} polls: {entries:?}"),
        // The store undid it and the answer was lost: the savepoint cannot be told from one that is open.
        Err(error) => {
            assert!(entries.iter().any(|entry| entry == "rollback to 0"), "{error}: {entries:?}");
            assert!(store.keys().is_empty(), "{polls} polls: {entries:?}");
        }
    }
}

#[test]
fn core_20_a_wrap_that_swallows_a_time_out_commits_nothing_half_done() {
    at_each_await_point(
        false,
        |core, answer| {
            core.event::<CreateUserProcess>().wrap(answer);
        },
        |result, store, log, polls| {
            whole_or_not_at_all(result, store, log, polls);
        },
    );
}

#[test]
fn core_20_a_wrap_of_a_plain_event_in_a_process_commits_nothing_half_done() {
    at_each_await_point(
        false,
        |core, answer| {
            core.event::<IndexUser>().wrap(answer);
            core.event::<CreateUserProcess>().override_default(
                async |mut ev: DefaultAction<'_, CreateUserProcess>| ev.dispatch(IndexUser).await,
            );
        },
        |result, store, log, polls| {
            whole_or_not_at_all(result, store, log, polls);
        },
    );
}

#[test]
fn core_20_a_wrap_that_forgets_what_it_surrounds_commits_nothing() {
    at_each_await_point(
        true,
        |core, answer| {
            core.event::<CreateUserProcess>().wrap(answer);
        },
        |result, store, log, polls| {
            // One that was never polled has not begun, and one that has ended is whole.
            let has_begun = polls > 0;
            let has_ended = log.entries().iter().any(|entry| entry.contains("rolled back:"));
            if has_begun && !has_ended {
                result.unwrap_err();
                assert!(store.keys().is_empty(), "{polls} polls: {:?}", log.entries());
            } else {
                result.unwrap();
                assert!(store.keys().is_empty(), "{polls} polls: {:?}", log.entries());
            }
        },
    );
}

#[tokio::test]
async fn a_wrap_of_a_process_that_calls_no_repository_begins_nothing() {
    let log = Log::new();
    let (mut core, _) = store_builder(&log);
    core.declare::<CreateUserProcess>()
        .default(log.perform("created", 7))
        .wrap(async |mut ev: Wrap<'_, CreateUserProcess>| ev.next().await);
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();

    assert_eq!(log.entries(), ["created"]);
}
