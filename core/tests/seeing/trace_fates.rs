//! What the trace says of each listener: called, or why not.

use std::sync::atomic::{AtomicU32, Ordering};

use dullahan_core::{
    After, Before, Context, Core, CoreBuilder, DefaultAction, Error, ErrorKind, Event,
    ListenerOptions as _, Observe, Process, Result, Violation, Wrap,
    trace::{Fate, TracedDispatch},
};

use crate::support::{Log, MemoryStore, StoreCall, panic_with, put, store_builder};

#[derive(Event)]
#[event(output = u32, preventable)]
struct FetchRate;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

/// Something in every phase, each with its name.
fn full(log: &Log) -> (CoreBuilder, MemoryStore) {
    let (mut core, store) = store_builder(log);
    core.declare::<CreateUserProcess>()
        .before(log.before("before").named("before"))
        .wrap((async |mut ev: Wrap<'_, CreateUserProcess>| ev.next().await).named("wrap"))
        .default(put("default").named("default"))
        .after(log.after("after").named("after"))
        .observe(log.observe("observe").named("observe"))
        .committed(log.committed("committed").named("committed"))
        .rolled_back(log.rolled_back("rolled back").named("rolled back"));
    (core, store)
}

async fn traced(core: &Core) -> TracedDispatch {
    let context = Context::new().with_trace();
    _ = core.dispatch(&context, CreateUserProcess).await;
    context.trace().unwrap().dispatches.remove(0)
}

async fn traced_event(core: &Core) -> TracedDispatch {
    let context = Context::new().with_trace();
    _ = core.dispatch(&context, FetchRate).await;
    context.trace().unwrap().dispatches.remove(0)
}

fn fate<'t>(dispatch: &'t TracedDispatch, name: &str) -> &'t Fate {
    &dispatch.listeners.iter().find(|one| one.name == name).unwrap().fate
}

fn names<'t>(
    listeners: impl Iterator<Item = &'t dullahan_core::trace::TracedListener>,
) -> Vec<&'t str> {
    listeners.map(|one| one.name.as_str()).collect()
}

#[tokio::test]
async fn called_and_not_called_are_a_partition() {
    let conflict = |_: Before<'_, CreateUserProcess>| Err(Error::new(ErrorKind::Conflict));
    let fails_after = |_: After<'_, CreateUserProcess>| Err(Error::new(ErrorKind::Conflict));
    let log = Log::new();
    let (mut good, _) = full(&log);
    let (mut failing, _) = full(&log);
    failing.event::<CreateUserProcess>().before(conflict.priority(-1).named("failing"));
    let (mut failing_late, _) = full(&log);
    failing_late.event::<CreateUserProcess>().after(fails_after.priority(1).named("failing"));
    let (mut prevented, _) = full(&log);
    prevented.event::<CreateUserProcess>().before(
        (|mut ev: Before<'_, CreateUserProcess>| {
            ev.respond(1);
            ev.stop();
            Ok(())
        })
        .priority(1)
        .named("preventer"),
    );
    let all = ["before", "wrap", "default", "after", "observe", "committed", "rolled back"];

    for (core, expected, outcome) in [
        (
            &mut good,
            &["before", "wrap", "default", "after", "observe", "committed"][..],
            "completed",
        ),
        (&mut failing, &["before", "failing", "observe", "rolled back"], "conflict"),
        (
            &mut failing_late,
            &["before", "wrap", "default", "failing", "observe", "rolled back"],
            "conflict",
        ),
        (&mut prevented, &["preventer", "after", "observe", "committed"], "prevented"),
    ] {
        let dispatch = traced(&core.build().unwrap()).await;
        let (called, not_called) = (names(dispatch.called()), names(dispatch.not_called()));
        assert_eq!(called, expected);
        assert_eq!(dispatch.outcome, outcome);
        for name in all {
            let times = [&called, &not_called].iter().filter(|names| names.contains(&name)).count();
            assert_eq!(times, 1, "{name} is in one of {called:?} and {not_called:?}");
        }
        assert_eq!(called.len() + not_called.len(), dispatch.listeners.len());
        for listener in &dispatch.listeners {
            assert_eq!(listener.calls > 0, listener.fate.was_called(), "{listener:?}");
        }
    }
}

#[tokio::test]
async fn what_an_error_kept_from_running_was_not_reached() {
    let log = Log::new();
    let (mut core, _) = full(&log);
    core.event::<CreateUserProcess>().before(
        (|_: Before<'_, CreateUserProcess>| Err(Error::new(ErrorKind::Conflict)))
            .priority(1)
            .named("failing"),
    );

    let dispatch = traced(&core.build().unwrap()).await;

    assert_eq!(fate(&dispatch, "failing"), &Fate::Failed("conflict".to_owned()));
    for name in ["before", "wrap", "default", "after"] {
        assert_eq!(fate(&dispatch, name), &Fate::NotReached, "{name}");
    }
    assert_eq!(fate(&dispatch, "observe"), &Fate::Ran);
    assert_eq!(fate(&dispatch, "committed"), &Fate::NotSettled);
    assert_eq!(fate(&dispatch, "rolled back"), &Fate::Ran);
}

#[tokio::test]
async fn what_was_rejected_did_not_reach_the_default() {
    let log = Log::new();
    let (mut core, _) = full(&log);
    core.event::<CreateUserProcess>().before(
        (|mut ev: Before<'_, CreateUserProcess>| {
            ev.reject(Violation::new("/name", "taken"));
            Ok(())
        })
        .priority(1)
        .named("rejecting"),
    );

    let dispatch = traced(&core.build().unwrap()).await;

    assert_eq!(dispatch.outcome, "invalid");
    assert_eq!(fate(&dispatch, "rejecting"), &Fate::Ran);
    assert_eq!(fate(&dispatch, "before"), &Fate::Ran, "it may reject too");
    assert_eq!(fate(&dispatch, "default"), &Fate::NotReached);
}

#[tokio::test]
async fn a_panic_and_a_failed_commit_are_traced() {
    let log = Log::new();
    let (mut core, store) = full(&log);
    core.event::<CreateUserProcess>()
        .observe((|_: Observe<'_, CreateUserProcess>| panic_with("no luck")).named("panicking"));
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Commit);

    let dispatch = traced(&core).await;

    assert_eq!(dispatch.outcome, "unavailable", "the commit failed");
    assert_eq!(fate(&dispatch, "after"), &Fate::Ran);
    assert_eq!(fate(&dispatch, "panicking"), &Fate::Failed("internal".to_owned()));
    assert_eq!(fate(&dispatch, "committed"), &Fate::NotSettled);
    assert_eq!(fate(&dispatch, "rolled back"), &Fate::Ran);
}

/// Fails a few times and gives 7 then.
fn failing_at_first(times: u32) -> impl Fn(DefaultAction<'_, FetchRate>) -> Result<u32> {
    let left = AtomicU32::new(times);
    move |_: DefaultAction<'_, FetchRate>| match left.fetch_update(
        Ordering::Relaxed,
        Ordering::Relaxed,
        |left| left.checked_sub(1),
    ) {
        Ok(_) => Err(Error::new(ErrorKind::Unavailable)),
        Err(_) => Ok(7),
    }
}

async fn three_times(mut ev: Wrap<'_, FetchRate>) -> Result<u32> {
    for _ in 0..2 {
        if let Ok(rate) = ev.next().await {
            return Ok(rate);
        }
    }
    ev.next().await
}

#[tokio::test]
async fn a_wrap_that_repeats_the_default_is_counted() {
    for (failures, runs, outcome, fate_of_default) in [
        (0, 1, "completed", Fate::Ran),
        (2, 3, "completed", Fate::Ran),
        (3, 3, "unavailable", Fate::Failed("unavailable".to_owned())),
    ] {
        let mut core = Core::builder();
        core.declare::<FetchRate>()
            .wrap(three_times.priority(1).named("retry"))
            .wrap((async |mut ev: Wrap<'_, FetchRate>| ev.next().await).named("inner"))
            .default(failing_at_first(failures).named("default"));

        let dispatch = traced_event(&core.build().unwrap()).await;

        assert_eq!((dispatch.default_runs, dispatch.outcome.as_ref()), (runs, outcome));
        let calls: Vec<_> = dispatch.listeners.iter().map(|one| one.calls).collect();
        assert_eq!(calls, [1, runs, runs]);
        assert_eq!(fate(&dispatch, "default"), &fate_of_default);
    }
}

#[tokio::test]
async fn a_wrap_that_skips_the_default_is_said_to_have_answered() {
    let mut core = Core::builder();
    core.declare::<FetchRate>()
        .wrap((async |mut ev: Wrap<'_, FetchRate>| ev.next().await).priority(2).named("outer"))
        .wrap((async |_: Wrap<'_, FetchRate>| Ok(1)).priority(1).named("cache"))
        .wrap((async |mut ev: Wrap<'_, FetchRate>| ev.next().await).named("inner"))
        .default(failing_at_first(0).named("default"));

    let dispatch = traced_event(&core.build().unwrap()).await;

    assert_eq!((dispatch.default_runs, dispatch.outcome.as_ref()), (0, "completed"));
    assert_eq!(dispatch.prevented_by, None, "answering is not preventing");
    assert_eq!(names(dispatch.called()), ["outer", "cache"]);
    assert_eq!(fate(&dispatch, "inner"), &Fate::WrappedAway);
    assert_eq!(fate(&dispatch, "default"), &Fate::WrappedAway);
}

#[tokio::test]
async fn a_wrap_answered_even_if_a_later_listener_fails() {
    let mut core = Core::builder();
    core.declare::<FetchRate>()
        .wrap((async |_: Wrap<'_, FetchRate>| Ok(1)).named("cache"))
        .default(failing_at_first(0).named("default"))
        .after((|_: After<'_, FetchRate>| Err(Error::new(ErrorKind::Conflict))).named("failing"));

    let dispatch = traced_event(&core.build().unwrap()).await;

    assert_eq!(dispatch.outcome, "conflict");
    assert_eq!(fate(&dispatch, "default"), &Fate::WrappedAway);
}

#[tokio::test]
async fn a_wrap_that_fails_before_the_default_has_not_answered() {
    let mut core = Core::builder();
    core.declare::<FetchRate>()
        .wrap(
            (async |mut ev: Wrap<'_, FetchRate>| match ev.next().await {
                Ok(rate) => Ok(rate),
                Err(_) => ev.next().await,
            })
            .priority(1)
            .named("retry"),
        )
        .wrap(
            (async |_: Wrap<'_, FetchRate>| Err(Error::new(ErrorKind::Conflict))).named("failing"),
        )
        .default(failing_at_first(0).named("default"));

    let dispatch = traced_event(&core.build().unwrap()).await;

    assert_eq!(fate(&dispatch, "default"), &Fate::NotReached);
    assert_eq!(dispatch.listeners[1].calls, 2);
}

/// A condition that holds the first time only.
fn only_once() -> impl Fn(&Context) -> bool + Send + Sync + 'static {
    let asked = AtomicU32::new(0);
    move |_| asked.fetch_add(1, Ordering::Relaxed) == 0
}

#[tokio::test]
async fn what_ran_once_was_called_even_if_its_condition_did_not_hold_again() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<FetchRate>()
        .wrap(three_times.priority(1).named("retry"))
        .wrap(
            (async |mut ev: Wrap<'_, FetchRate>| ev.next().await)
                .named("sometimes")
                .when(only_once()),
        )
        .default(failing_at_first(2).named("default"))
        .after(log.after("after").named("after").when(|_| false));

    let dispatch = traced_event(&core.build().unwrap()).await;

    assert_eq!(dispatch.outcome, "completed");
    let sometimes = &dispatch.listeners[1];
    assert_eq!(sometimes.calls, 1);
    assert_eq!(sometimes.fate, Fate::Failed("unavailable".to_owned()));
    assert_eq!(fate(&dispatch, "after"), &Fate::ConditionFalse);
}

#[tokio::test]
async fn a_default_on_a_condition_that_does_not_hold_is_skipped_for_that() {
    let mut core = Core::builder();
    core.declare::<FetchRate>().default(failing_at_first(0).named("default").when(|_| false));

    let dispatch = traced_event(&core.build().unwrap()).await;

    assert_eq!((dispatch.outcome.as_ref(), dispatch.default_runs), ("step_unhandled", 0));
    assert_eq!(fate(&dispatch, "default"), &Fate::ConditionFalse);
}
