//! Compensations of what is nested in a process.

use dullahan_core::{After, Before, DefaultAction, ListenerOptions as _};

use super::{Charge, OrderSaga, Reserve, builder, conflict};
use crate::support::{Log, give_up_after, pause};

#[tokio::test]
async fn a_joined_process_is_compensated_once_the_outer_one_is_committed() {
    let wire = |outer_fails: bool| {
        let log = Log::new();
        let (mut core, store) = builder(&log);
        core.event::<Reserve>()
            .before(async |mut ev: Before<'_, Reserve>| ev.dispatch(Charge).await.map(drop));
        core.event::<Reserve>().after(
            (move |_: After<'_, Reserve>| {
                if outer_fails { conflict() } else { Ok(()) }
            })
            .priority(-1),
        );
        core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
            ev.dispatch(Reserve).await?;
            conflict()
        });
        (core.build().unwrap(), store, log)
    };

    let (core, store, log) = wire(false);
    core.run(OrderSaga).await.unwrap_err();
    assert_eq!(store.keys(), ["charged", "reserved", "undone charged", "undone reserved"]);
    let puts: Vec<_> =
        log.entries().into_iter().filter(|entry| entry.starts_with("put undone")).collect();
    assert_eq!(puts, ["put undone reserved", "put undone charged"]);

    let (core, store, _) = wire(true);
    core.run(OrderSaga).await.unwrap_err();
    assert!(store.keys().is_empty(), "{:?}", store.keys());
}

#[tokio::test]
async fn what_a_savepoint_undid_is_not_compensated() {
    let wire = |fails: bool| {
        let log = Log::new();
        let (mut core, store) = builder(&log);
        core.event::<Reserve>().before(async |mut ev: Before<'_, Reserve>| {
            _ = ev.dispatch_in_savepoint(Charge).await;
            Ok(())
        });
        core.event::<Charge>().after(
            (move |_: After<'_, Charge>| {
                if fails { conflict() } else { Ok(()) }
            })
            .priority(-1),
        );
        core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
            ev.dispatch(Reserve).await?;
            conflict()
        });
        (core.build().unwrap(), store)
    };

    let (core, store) = wire(true);
    core.run(OrderSaga).await.unwrap_err();
    assert_eq!(store.keys(), ["reserved", "undone reserved"]);

    let (core, store) = wire(false);
    core.run(OrderSaga).await.unwrap_err();
    assert_eq!(store.keys(), ["charged", "reserved", "undone charged", "undone reserved"]);
}

#[tokio::test]
async fn a_savepoint_that_was_dropped_is_not_compensated() {
    let log = Log::new();
    let (mut core, store) = builder(&log);
    core.event::<Reserve>().before(async |mut ev: Before<'_, Reserve>| {
        assert!(give_up_after(12, ev.dispatch_in_savepoint(Charge)).await.is_none());
        Ok(())
    });
    core.event::<Charge>().after(
        (async |_: After<'_, Charge>| {
            loop {
                pause().await;
            }
        })
        .priority(-1),
    );
    core.declare::<OrderSaga>().default(async |mut ev: DefaultAction<'_, OrderSaga>| {
        ev.dispatch(Reserve).await?;
        conflict()
    });
    let core = core.build().unwrap();

    core.run(OrderSaga).await.unwrap_err();

    assert!(log.entries().contains(&"put charged".to_owned()), "it came so far");
    assert_eq!(store.keys(), ["reserved", "undone reserved"]);
}
