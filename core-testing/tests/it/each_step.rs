//! A saga that is made to fail at each of its steps: what is tried, and what is not asked for.

use std::sync::Arc;

use dullahan_core::{
    After, Before, Committed, Context, Core, CoreBuilder, DefaultAction, Error, ErrorKind, Event,
    Inject, ListenerOptions as _, Observe, Process, Result, Saga, Wrap,
};
use dullahan_core_testing::{Attempt, MemoryStore, Recorder, TriedStep, fail_at_each_step};
use expect_test::expect;

use crate::support::pause;

#[derive(Saga)]
#[event(output = u32)]
struct RegisterUserSaga;

#[derive(Event)]
#[event(output = u32, preventable)]
struct HashPassword;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Process)]
#[event(preventable)]
struct AuditProcess;

async fn register(mut ev: DefaultAction<'_, RegisterUserSaga>) -> Result<u32> {
    ev.dispatch(HashPassword).await?;
    ev.dispatch(CreateUserProcess).await
}

async fn create(
    ev: DefaultAction<'_, CreateUserProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    store.put(ev.context(), "user", "7").await?;
    Ok(7)
}

async fn index(ev: After<'_, CreateUserProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), "index", "7").await
}

async fn audit(ev: DefaultAction<'_, AuditProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), "audit", "7").await
}

fn wire(core: &mut CoreBuilder) {
    core.declare::<RegisterUserSaga>()
        .before((|_: Before<'_, RegisterUserSaga>| Ok(())).named("check"))
        .default(register)
        .after((|_: After<'_, RegisterUserSaga>| Ok(())).when(|_| false));
    core.declare::<HashPassword>()
        .default((|_: DefaultAction<'_, HashPassword>| Ok(1)).named("hash"))
        .after((|_: After<'_, HashPassword>| Ok(())).named("count"));
    core.declare::<CreateUserProcess>()
        .wrap((async |mut ev: Wrap<'_, CreateUserProcess>| ev.next().await).named("time"))
        .default(create)
        .after(index)
        .observe((|_: Observe<'_, CreateUserProcess>| Ok(())).named("measure"))
        .committed((async |_: Committed<'_, CreateUserProcess>| Ok(())).named("mail"))
        .rolled_back(
            (|_: dullahan_core::RolledBack<'_, CreateUserProcess>| Ok(())).named("regret"),
        );
    core.declare::<AuditProcess>().default(audit);
}

fn core(extend: impl FnOnce(&mut CoreBuilder)) -> (Core, MemoryStore) {
    let store = MemoryStore::new();
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone())).module(wire);
    extend(&mut core);
    (core.build().unwrap(), store)
}

#[tokio::test]
async fn every_step_is_tried_and_a_sound_saga_passes() {
    let tried = fail_at_each_step(async || {
        let (core, store) = core(|_| {});
        let users = store.clone();
        Attempt::saga(&core, RegisterUserSaga)
            .nothing_left(async move || assert!(store.is_empty()))
            .all_done(async move || assert_eq!(users.keys(), ["index", "user"]))
    })
    .await;

    expect![[r#"
        before of RegisterUserSaga: check
        default of RegisterUserSaga: it::each_step::register
        default of HashPassword: hash
        after of HashPassword: count
        wrap of CreateUserProcess: time
        default of CreateUserProcess: it::each_step::create
        unit of work: begin
        unit of work: savepoint
        unit of work: release savepoint
        after of CreateUserProcess: it::each_step::index
        unit of work: commit
        observe of CreateUserProcess: measure
        committed of CreateUserProcess: mail
    "#]]
    .assert_eq(&tried.to_string());
    let dispensable: Vec<_> = tried.dispensable.iter().map(TriedStep::to_string).collect();
    assert_eq!(
        dispensable,
        ["observe of CreateUserProcess: measure", "committed of CreateUserProcess: mail"]
    );
    let waits_of_the_store = 10;
    assert_eq!(tried.dropped, tried.steps.len() + waits_of_the_store);
    let as_it_is = 4;
    assert_eq!(tried.runs, 2 * tried.steps.len() + tried.dropped + as_it_is);
}

#[tokio::test]
async fn steps_without_a_state_machine_are_tried_too() {
    let tried = fail_at_each_step(async || {
        let (core, _) = core(|core| {
            core.event::<HashPassword>().before(|_: Before<'_, HashPassword>| Ok(()));
        });
        Attempt::of(&core, async |core| core.dispatch(&Context::new(), HashPassword).await)
    })
    .await;
    assert_eq!(tried.steps.len(), 3);
    assert_eq!((tried.dropped, tried.dispensable.len()), (3, 0));
}

#[tokio::test]
async fn a_process_a_context_and_whatever_else_can_be_tried() {
    let process = fail_at_each_step(async || {
        let (core, store) = core(|_| {});
        Attempt::process(&core, CreateUserProcess)
            .nothing_left(async move || assert!(store.is_empty()))
    });
    assert_eq!(process.await.steps.len(), 9);

    #[derive(Clone)]
    struct Tenant;
    let saga = fail_at_each_step(async || {
        let (core, store) = core(|core| {
            core.event::<HashPassword>().before(
                (|_: Before<'_, HashPassword>| Ok(()))
                    .when(|context| context.get::<Tenant>().is_some()),
            );
        });
        let context = Context::new();
        context.insert(Tenant);
        Attempt::saga_in(&core, context, RegisterUserSaga)
            .nothing_left(async move || assert!(store.is_empty()))
    });
    assert_eq!(saga.await.steps.len(), 14);

    let nothing = fail_at_each_step(async || {
        let (core, _) = core(|_| {});
        Attempt::of(&core, async |_| Ok(()))
    });
    assert!(nothing.await.steps.is_empty());
}

#[tokio::test]
async fn a_process_that_may_fail_alone_is_dispensable() {
    async fn audit_if_possible(mut ev: After<'_, CreateUserProcess>) -> Result<()> {
        _ = ev.dispatch_in_savepoint(AuditProcess).await;
        Ok(())
    }
    let tried = fail_at_each_step(async || {
        let (core, store) = core(|core| {
            core.event::<CreateUserProcess>().after(audit_if_possible);
        });
        let users = store.clone();
        Attempt::saga(&core, RegisterUserSaga)
            .nothing_left(async move || assert!(store.is_empty()))
            .all_done(async move || {
                assert!(users.keys().ends_with(&["index".to_owned(), "user".to_owned()]))
            })
    })
    .await;
    let dispensable: Vec<_> = tried.dispensable.iter().map(TriedStep::to_string).collect();
    expect![[r#"
        default of AuditProcess: it::each_step::audit
        unit of work: savepoint
        unit of work: release savepoint
        observe of CreateUserProcess: measure
        committed of CreateUserProcess: mail"#]]
    .assert_eq(&dispensable.join("\n"));
}

#[tokio::test]
async fn what_is_tried_again_is_dispensable_once() {
    async fn again(mut ev: Wrap<'_, HashPassword>) -> Result<u32> {
        match ev.next().await {
            Ok(hash) => Ok(hash),
            Err(_) => ev.next().await,
        }
    }
    let tried = fail_at_each_step(async || {
        let (core, store) = core(|core| {
            core.event::<HashPassword>().wrap(again.named("again"));
        });
        let users = store.clone();
        Attempt::saga(&core, RegisterUserSaga)
            .nothing_left(async move || assert!(store.is_empty()))
            .all_done(async move || assert_eq!(users.keys(), ["index", "user"]))
    })
    .await;
    assert_eq!(tried.dispensable[0].to_string(), "default of HashPassword: hash");
    assert_eq!(tried.dispensable.len(), 3);
}

#[tokio::test]
async fn a_saga_that_dispatches_nothing_twice_the_same_way_ends_all_the_same() {
    let mut made = 0;
    let tried = fail_at_each_step(async || {
        made += 1;
        let is_even = made % 2 == 0;
        let (core, store) = core(|core| {
            core.event::<HashPassword>()
                .before((|_: Before<'_, HashPassword>| Ok(())).when(move |_| is_even));
        });
        Attempt::saga(&core, RegisterUserSaga).nothing_left(async move || assert!(store.is_empty()))
    })
    .await;
    assert_eq!(tried.runs, made);
}

#[tokio::test]
async fn the_real_runtime_may_be_waited_for() {
    async fn wait(_: Before<'_, RegisterUserSaga>) -> Result<()> {
        tokio::task::yield_now().await;
        tokio::spawn(pause()).await?;
        Ok(())
    }
    let tried = fail_at_each_step(async || {
        let (core, store) = core(|core| {
            core.event::<RegisterUserSaga>().before(wait);
        });
        Attempt::saga(&core, RegisterUserSaga).nothing_left(async move || assert!(store.is_empty()))
    })
    .await;
    assert_eq!(tried.steps.len(), 14);
    assert!(tried.dropped >= 14 + 6 + 2, "{}", tried.dropped);
}

#[tokio::test]
async fn it_can_be_recorded_while_it_fails() {
    let mut recorders = Vec::new();
    fail_at_each_step(async || {
        let (core, store) = core(|core| {
            core.event::<RegisterUserSaga>().before(|_: Before<'_, RegisterUserSaga>| {
                Err::<(), _>(Error::new(ErrorKind::Conflict))
            });
        });
        let (core, recorder) = Recorder::over(&core).unwrap();
        recorders.push(recorder);
        Attempt::of(&core, async |core| {
            assert!(core.run(RegisterUserSaga).await.is_err());
            Ok(())
        })
        .all_done(async move || assert!(store.is_empty()))
    })
    .await;
    recorders[0].assert_failed::<RegisterUserSaga>("conflict");
    recorders[1].assert_failed::<RegisterUserSaga>("injected");
}
