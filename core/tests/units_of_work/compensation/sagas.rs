//! Compensations of sagas inside of sagas, and of several at once.

use dullahan_core::{Before, Context, DefaultAction};

use super::{Charge, Notify, OrderSaga, PaySaga, Reserve, builder, conflict};
use crate::support::{Log, pause};

#[tokio::test]
async fn the_compensations_of_a_saga_that_succeeded_are_those_of_the_saga_around_it() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<PaySaga>()
        .default(async |mut ev: DefaultAction<'_, PaySaga>| ev.dispatch(Charge).await.map(drop));
    core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
        ev.compensate_with(Notify("before it"));
        ev.run(PaySaga).await?;
        ev.compensate_with(Notify("after it"));
        conflict()
    });
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap_err();

    assert_eq!(store.keys(), ["charged", "undone charged"]);
    let after: Vec<_> = log.entries().into_iter().skip(3).collect();
    assert_eq!(
        after,
        ["notify after it", "begin", "put undone charged", "commit", "notify before it"],
        "in reverse across both"
    );
}

#[tokio::test]
async fn a_saga_that_fails_inside_of_another_compensates_itself_and_once() {
    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.declare::<PaySaga>().default(async |mut ev: DefaultAction<'_, PaySaga>| {
        ev.dispatch(Charge).await?;
        conflict()
    });
    core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
        ev.dispatch(Reserve).await?;
        ev.run(PaySaga).await
    });
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap_err();

    let puts: Vec<_> =
        log.entries().into_iter().filter(|entry| entry.starts_with("put undone")).collect();
    assert_eq!(puts, ["put undone charged", "put undone reserved"]);
}

#[tokio::test]
async fn a_saga_that_goes_on_after_another_failed_has_nothing_to_take_back() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.declare::<PaySaga>().default(async |mut ev: DefaultAction<'_, PaySaga>| {
        ev.dispatch(Charge).await?;
        conflict()
    });
    core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
        ev.run(PaySaga).await.unwrap_err();
        ev.dispatch(Reserve).await.map(drop)
    });
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap();

    assert_eq!(store.keys(), ["charged", "reserved", "undone charged"]);
}

#[tokio::test]
async fn a_saga_without_async_listeners_compensates_when_it_fails_and_only_then() {
    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.declare::<OrderSaga>()
        .before(|mut ev: Before<'_, OrderSaga>| {
            ev.compensate_with(Notify("first"));
            ev.compensate_with(Notify("second"));
            Ok(())
        })
        .default(|ev: DefaultAction<'_, OrderSaga>| match ev.context().get::<&'static str>() {
            Some(_) => conflict(),
            None => Ok(()),
        });
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap();
    assert_eq!(log.entries(), [""; 0]);

    let context = Context::new();
    context.insert("fail");
    core.run_in(&context, OrderSaga).await.unwrap_err();
    assert_eq!(log.entries(), ["notify second", "notify first"]);
}

#[tokio::test]
async fn a_saga_without_async_listeners_leaves_its_compensations_to_the_saga_around_it() {
    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.declare::<PaySaga>().default(|mut ev: DefaultAction<'_, PaySaga>| {
        ev.compensate_with(Notify("paid"));
        Ok(())
    });
    core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
        ev.run(PaySaga).await?;
        conflict()
    });
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap_err();

    assert_eq!(log.entries(), ["notify paid"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sagas_at_once_keep_their_compensations_apart() {
    let log = Log::new();
    let (mut core, _) = builder(&log);
    core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
        let name = ev.context().get::<&'static str>().unwrap_or("nobody");
        ev.compensate_with(Notify(name));
        pause().await;
        if name == "one" { conflict() } else { Ok(()) }
    });
    let core = core.build().unwrap();
    let run = |name: &'static str| {
        let core = core.clone();
        tokio::spawn(async move {
            let context = Context::new();
            context.insert(name);
            core.run_in(&context, OrderSaga).await
        })
    };

    let (one, two) = (run("one"), run("two"));
    assert!(one.await.unwrap().is_err());
    assert!(two.await.unwrap().is_ok());

    assert_eq!(log.entries(), ["notify one"]);
}
