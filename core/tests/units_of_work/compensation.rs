//! What a saga does about processes that are committed already when it fails.

mod sagas;
mod savepoints;

use std::time::Duration;

use dullahan_core::{
    After, Before, Committed, Context, CoreBuilder, DefaultAction, Error, ErrorKind, Event, Inject,
    Listener, ListenerOptions as _, Observe, Process, Result, RolledBack, Saga,
};

use crate::support::{
    Log, MemoryStore, StoreCall, Watch, give_up_after, panic_with, pause, put, store_builder,
};

#[derive(Saga)]
struct OrderSaga;

/// A saga inside of the other one.
#[derive(Saga)]
struct PaySaga;

#[derive(Process)]
#[event(output = u32)]
struct Reserve;

#[derive(Process)]
#[event(output = u32)]
struct Charge;

/// Takes something back.
#[derive(Process)]
struct Undo(&'static str);

/// Takes something back without a unit of work.
#[derive(Event)]
struct Notify(&'static str);

/// Registers a compensation after the default action has written.
struct Undoing(&'static str);

impl<E: Event> Listener<After<'_, E>> for Undoing {
    async fn call(&self, mut ev: After<'_, E>) -> Result<()> {
        ev.compensate_with(Undo(self.0));
        Ok(())
    }
}

async fn undo(ev: DefaultAction<'_, Undo>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), format!("undone {}", ev.0), "1").await
}

fn notify(ev: DefaultAction<'_, Notify>, log: Inject<'_, Log>) -> Result<()> {
    log.add(format!("notify {}", ev.0));
    Ok(())
}

fn conflict<T>() -> Result<T> {
    Err(Error::new(ErrorKind::Conflict))
}

/// Two processes, each with its compensation, and the steps that compensate; the sagas are up to the test.
fn builder(log: &Log) -> (CoreBuilder, MemoryStore) {
    let (mut core, store) = store_builder(log);
    core.declare::<Reserve>().default(put("reserved")).after(Undoing("reserved"));
    core.declare::<Charge>().default(put("charged")).after(Undoing("charged"));
    core.declare::<Undo>().default(undo.named("undo"));
    core.declare::<Notify>().default(notify);
    (core, store)
}

async fn reserve_charge_and_fail(mut ev: DefaultAction<'_, OrderSaga>) -> Result<()> {
    ev.dispatch(Reserve).await?;
    ev.dispatch(Charge).await?;
    conflict()
}

#[tokio::test]
async fn compensations_run_in_reverse() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<OrderSaga>()
        .default(reserve_charge_and_fail)
        .observe(log.observe("observer"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();

    let error = core.run(OrderSaga).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Conflict, "the saga keeps its error");
    assert_eq!(
        log.entries(),
        [
            "begin",
            "put reserved",
            "commit",
            "begin",
            "put charged",
            "commit",
            "begin",
            "put undone charged",
            "commit",
            "begin",
            "put undone reserved",
            "commit",
            "observer: failed, conflict",
            "rolled back: conflict",
        ],
        "each is a process of its own"
    );
    assert_eq!(store.keys(), ["charged", "reserved", "undone charged", "undone reserved"]);
}

#[tokio::test]
async fn nothing_is_compensated_when_the_saga_succeeds() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
        ev.dispatch(Reserve).await?;
        ev.dispatch(Charge).await.map(drop)
    });
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap();

    assert_eq!(store.keys(), ["charged", "reserved"]);
}

#[tokio::test]
async fn the_failing_process_itself_needs_no_compensation() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.event::<Charge>().after((|_: After<'_, Charge>| conflict()).priority(-1));
    core.declare::<OrderSaga>().default(reserve_charge_and_fail);
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap_err();

    assert_eq!(store.keys(), ["reserved", "undone reserved"]);
}

#[tokio::test]
async fn a_process_whose_commit_fails_needs_no_compensation() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<OrderSaga>().default(reserve_charge_and_fail);
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Commit);

    let error = core.run(OrderSaga).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert!(store.keys().is_empty(), "{:?}", store.keys());
}

#[tokio::test]
async fn what_was_rolled_back_is_not_compensated_when_the_saga_fails_later() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.event::<Reserve>().after((|_: After<'_, Reserve>| conflict()).priority(-1));
    core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
        ev.dispatch(Reserve).await.unwrap_err();
        ev.dispatch(Charge).await?;
        conflict()
    });
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap_err();

    assert_eq!(store.keys(), ["charged", "undone charged"]);
}

#[tokio::test]
async fn a_compensation_that_fails_is_reported_and_the_others_run() {
    async fn fails_for_charged(ev: Before<'_, Undo>) -> Result<()> {
        match ev.0 {
            "charged" => Err(Error::new(ErrorKind::Unavailable)),
            "shipped" => panic_with("no way back"),
            _ => Ok(()),
        }
    }

    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.event::<Charge>().after(|mut ev: After<'_, Charge>| {
        ev.compensate_with(Undo("shipped"));
        Ok(())
    });
    core.event::<Undo>().before(fails_for_charged);
    core.declare::<OrderSaga>().default(reserve_charge_and_fail);
    let core = core.build().unwrap();
    let watch = Watch::failures();
    let listening = watch.listen();

    let error = core.run(OrderSaga).await.unwrap_err();

    drop(listening);
    assert_eq!(error.kind(), ErrorKind::Conflict, "the saga keeps its error");
    assert_eq!(store.keys(), ["charged", "reserved", "undone reserved"]);
    let told = watch.told();
    assert_eq!(told.len(), 2, "once each: {told:?}");
    for report in told {
        assert_eq!((report["saga"].as_str(), report["step"].as_str()), ("OrderSaga", "Undo"));
        assert!(report["message"].contains("a compensation failed"), "{report:?}");
    }
}

#[tokio::test]
async fn a_step_of_the_saga_itself_is_compensated_without_any_process() {
    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.declare::<OrderSaga>()
        .before(|mut ev: Before<'_, OrderSaga>| {
            ev.compensate_with(Notify("first"));
            Ok(())
        })
        .default(|mut ev: DefaultAction<'_, OrderSaga>| {
            ev.compensate_with(Notify("second"));
            conflict()
        });
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap_err();

    assert_eq!(log.entries(), ["notify second", "notify first"]);
}

#[tokio::test]
async fn a_listener_of_the_commit_may_register_one() {
    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.event::<Reserve>().committed(|mut ev: Committed<'_, Reserve>| {
        ev.compensate_with(Notify("after the commit"));
        Ok(())
    });
    core.event::<Reserve>().observe(|mut ev: Observe<'_, Reserve>| {
        ev.compensate_with(Notify("observed"));
        Ok(())
    });
    core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
        ev.dispatch(Reserve).await?;
        conflict()
    });
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap_err();

    let after: Vec<_> = log.entries().into_iter().skip(3).collect();
    assert_eq!(
        after,
        ["notify after the commit", "notify observed", "begin", "put undone reserved", "commit"]
    );
}

#[tokio::test]
async fn outside_of_a_saga_there_is_nothing_to_compensate() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.event::<Notify>().after(|mut ev: After<'_, Notify>| {
        ev.compensate_with(Notify("never"));
        conflict()
    });
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), Reserve).await.unwrap();
    core.dispatch(&Context::new(), Notify("once")).await.unwrap_err();

    assert_eq!(store.keys(), ["reserved"]);
    assert_eq!(log.entries(), ["begin", "put reserved", "commit", "notify once"]);
}

#[tokio::test]
async fn a_dropped_saga_is_not_compensated() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
        ev.dispatch(Reserve).await?;
        loop {
            pause().await;
        }
    });
    let core = core.build().unwrap();

    assert!(give_up_after(30, core.run(OrderSaga)).await.is_none());

    assert_eq!(store.keys(), ["reserved"]);
}

#[tokio::test]
async fn a_compensation_is_a_step_of_the_saga() {
    fn where_it_is(ev: Before<'_, Undo>, log: Inject<'_, Log>) -> Result<()> {
        let tenant = ev.context().get::<&'static str>();
        log.add(format!("{} for {tenant:?}", ev.chain().join(" > ")));
        Ok(())
    }

    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.event::<Undo>().before(where_it_is);
    core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
        ev.dispatch(Reserve).await?;
        conflict()
    });
    let core = core.build().unwrap();
    let context = Context::new().with_trace();
    context.insert("the north");

    core.run_in(&context, OrderSaga).await.unwrap_err();

    assert!(log.entries().contains(&r#"OrderSaga > Undo for Some("the north")"#.to_owned()));
    let trace = context.trace().unwrap();
    let steps: Vec<_> = trace.dispatches[0].children.iter().map(|child| child.event).collect();
    assert_eq!(steps, ["Reserve", "Undo"], "the trace shows it");
}

#[tokio::test]
async fn a_compensation_of_a_compensation_does_not_go_round_in_circles() {
    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.event::<Notify>().after(|mut ev: After<'_, Notify>| {
        ev.compensate_with(Notify("again"));
        Ok(())
    });
    core.declare::<OrderSaga>().default(|mut ev: DefaultAction<'_, OrderSaga>| {
        ev.compensate_with(Notify("once"));
        conflict()
    });
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap_err();

    assert_eq!(log.entries(), ["notify once"]);
}

/// The deadline is the likeliest reason for a saga to fail half way.
#[tokio::test]
async fn what_is_too_late_to_go_on_is_not_too_late_to_take_back() {
    async fn undo_in_two_steps(mut ev: Before<'_, Undo>) -> Result<()> {
        assert_eq!(ev.context().deadline(), None, "it has all the time it needs");
        ev.dispatch(Notify("taking back")).await
    }

    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.event::<Undo>().before(undo_in_two_steps);
    core.event::<Reserve>().after(
        (|ev: After<'_, Reserve>| {
            let deadline = ev.context().deadline().expect("there is one");
            while std::time::Instant::now() < deadline {
                std::thread::yield_now();
            }
            Ok(())
        })
        .priority(-1),
    );
    core.declare::<OrderSaga>().default(reserve_charge_and_fail);
    let core = core.build().unwrap();
    let context = Context::new().with_time_limit(Duration::from_millis(50));

    let error = core.run_in(&context, OrderSaga).await.unwrap_err();

    assert_eq!(error.code(), "deadline_exceeded");
    assert_eq!(store.keys(), ["reserved", "undone reserved"]);
    assert!(log.entries().contains(&"notify taking back".to_owned()));
}

#[tokio::test]
async fn a_rolled_back_listener_may_register_one_for_the_saga() {
    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.event::<Reserve>().after((|_: After<'_, Reserve>| conflict()).priority(-1)).rolled_back(
        |mut ev: RolledBack<'_, Reserve>| {
            ev.compensate_with(Notify("rolled back"));
            Ok(())
        },
    );
    core.declare::<OrderSaga>()
        .default(async |mut ev: DefaultAction<'_, OrderSaga>| ev.dispatch(Reserve).await.map(drop));
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap_err();

    assert_eq!(log.entries().last().map(String::as_str), Some("notify rolled back"));
}
