//! The recorder.

use std::sync::Arc;

use dullahan_core::{
    After, Before, Committed, Context, Core, CoreBuilder, DefaultAction, Error, ErrorKind, Event,
    Process, Result, Saga, event::Kind,
};
use dullahan_core_testing::{MemoryStore, RecordedEnding, Recorder};
use expect_test::expect;

use super::panic_of;
use crate::support::{Stepper, give_up_after, pause};

#[derive(Saga)]
#[event(output = u32)]
struct RegisterUserSaga {
    taken: bool,
}

#[derive(Event)]
#[event(output = u32, preventable)]
struct HashPassword;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess {
    taken: bool,
}

#[derive(Event)]
struct SendMail;

#[derive(Event)]
struct CountRefusal;

async fn register(mut ev: DefaultAction<'_, RegisterUserSaga>) -> Result<u32> {
    pause().await;
    let hash = ev.dispatch(HashPassword).await?;
    let taken = ev.taken;
    Ok(hash + ev.dispatch(CreateUserProcess { taken }).await?)
}

async fn create(ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
    pause().await;
    if ev.taken {
        return Err(Error::new(ErrorKind::Conflict).with_code("username_taken"));
    }
    Ok(1)
}

fn cheap_hash(mut ev: Before<'_, HashPassword>) -> Result<()> {
    ev.respond(40);
    Ok(())
}

async fn mail(mut ev: Committed<'_, CreateUserProcess>) -> Result<()> {
    ev.dispatch(SendMail).await
}

fn wire(core: &mut CoreBuilder) {
    core.units_of_work(MemoryStore::new().provider());
    core.declare::<RegisterUserSaga>().default(register);
    core.declare::<HashPassword>()
        .default(|_: DefaultAction<'_, HashPassword>| Ok(0))
        .before(cheap_hash);
    core.declare::<CreateUserProcess>().default(create).committed(mail);
    core.declare::<SendMail>();
    core.declare::<CountRefusal>();
}

fn core() -> (Core, Recorder) {
    let core = Core::builder().module(wire).build().unwrap();
    Recorder::over(&core).unwrap()
}

#[tokio::test]
async fn every_dispatch_is_recorded_in_order_with_nesting_kind_and_outcome() {
    let (core, recorder) = core();
    assert_eq!(core.run(RegisterUserSaga { taken: false }).await.unwrap(), 41);
    assert!(core.run(RegisterUserSaga { taken: true }).await.is_err());

    expect![[r#"
        RegisterUserSaga (saga): completed
          HashPassword (event): prevented by it::recorder::cheap_hash
          CreateUserProcess (process): completed
            SendMail (event): completed
        RegisterUserSaga (saga): failed with username_taken
          HashPassword (event): prevented by it::recorder::cheap_hash
          CreateUserProcess (process): failed with username_taken
    "#]]
    .assert_eq(&recorder.to_string());
    let hashing = &recorder.dispatches()[1];
    assert_eq!((hashing.event, hashing.kind, hashing.depth), ("HashPassword", Kind::Event, 1));
    assert_eq!(hashing.type_name, std::any::type_name::<HashPassword>());
    assert_eq!(hashing.chain, ["RegisterUserSaga", "HashPassword"]);
    assert_eq!(recorder.dispatches_of::<CreateUserProcess>().len(), 2);
}

#[tokio::test]
async fn what_holds_is_asserted() {
    let (core, recorder) = core();
    recorder.assert_nothing_dispatched();
    core.run(RegisterUserSaga { taken: false }).await.unwrap();

    recorder.assert_dispatched::<HashPassword>();
    recorder.assert_dispatched_times::<HashPassword>(1);
    recorder.assert_dispatched_times::<CountRefusal>(0);
    recorder.assert_not_dispatched::<CountRefusal>();
    recorder.assert_order(["RegisterUserSaga", "CreateUserProcess", "SendMail"]);
    recorder.assert_order([]);
    recorder.assert_exactly(["RegisterUserSaga", "HashPassword", "CreateUserProcess", "SendMail"]);
    recorder.assert_completed::<CreateUserProcess>();
    recorder.assert_prevented_by::<HashPassword>("cheap_hash");
    recorder.assert_prevented_by::<HashPassword>("recorder::cheap_hash");

    recorder.clear();
    recorder.assert_nothing_dispatched();
    core.run(RegisterUserSaga { taken: true }).await.unwrap_err();
    recorder.assert_failed::<CreateUserProcess>("username_taken");
    recorder.assert_failed::<RegisterUserSaga>("username_taken");
    recorder.assert_dispatched_times::<RegisterUserSaga>(1);
}

#[tokio::test]
async fn what_does_not_hold_fails_and_shows_what_was_dispatched() {
    let (core, recorder) = core();
    let nothing = panic_of(|| recorder.assert_dispatched::<SendMail>());
    assert_eq!(nothing, "`SendMail` was not dispatched; nothing was dispatched");
    core.run(RegisterUserSaga { taken: true }).await.unwrap_err();

    expect![[r#"
        `SendMail` was not dispatched; what was dispatched:
          RegisterUserSaga (saga): failed with username_taken
            HashPassword (event): prevented by it::recorder::cheap_hash
            CreateUserProcess (process): failed with username_taken"#]]
    .assert_eq(&panic_of(|| recorder.assert_dispatched::<SendMail>()));

    let first_lines: Vec<_> = [
        panic_of(|| recorder.assert_dispatched_times::<HashPassword>(2)),
        panic_of(|| recorder.assert_dispatched_times::<SendMail>(1)),
        panic_of(|| recorder.assert_not_dispatched::<HashPassword>()),
        panic_of(|| recorder.assert_nothing_dispatched()),
        panic_of(|| recorder.assert_order(["CreateUserProcess", "HashPassword"])),
        panic_of(|| recorder.assert_order(["HashPassword", "HashPassword"])),
        panic_of(|| recorder.assert_order(["HashPasword"])),
        panic_of(|| recorder.assert_exactly(["RegisterUserSaga", "CreateUserProcess"])),
        panic_of(|| recorder.assert_completed::<CreateUserProcess>()),
        panic_of(|| recorder.assert_completed::<SendMail>()),
        panic_of(|| recorder.assert_failed::<CreateUserProcess>("conflict")),
        panic_of(|| recorder.assert_prevented_by::<HashPassword>("hash")),
        panic_of(|| recorder.assert_prevented_by::<CreateUserProcess>("cheap_hash")),
    ]
    .into_iter()
    .map(|message| {
        let (first, rest) = message.split_once('\n').unwrap();
        assert!(rest.starts_with("  RegisterUserSaga (saga)"), "{message}");
        first.to_owned()
    })
    .collect();
    expect![[r#"
        `HashPassword` was dispatched once, not 2 times; what was dispatched:
        `SendMail` was dispatched 0 times, not once; what was dispatched:
        `HashPassword` was dispatched; what was dispatched:
        something was dispatched; what was dispatched:
        `HashPassword` was not dispatched after `CreateUserProcess`; what was dispatched:
        `HashPassword` was not dispatched after `HashPassword`; what was dispatched:
        `HashPasword` was not dispatched; what was dispatched:
        not exactly RegisterUserSaga, CreateUserProcess was dispatched; what was dispatched:
        no dispatch of `CreateUserProcess` completed; what was dispatched:
        `SendMail` was not dispatched; what was dispatched:
        no dispatch of `CreateUserProcess` failed with conflict; what was dispatched:
        no dispatch of `HashPassword` was prevented by hash; what was dispatched:
        no dispatch of `CreateUserProcess` was prevented by cheap_hash; what was dispatched:"#]]
    .assert_eq(&first_lines.join("\n"));
}

#[tokio::test]
async fn a_dispatch_that_was_dropped_is_unfinished_and_the_next_one_is_not() {
    let (core, recorder) = core();
    let saga = || core.run(RegisterUserSaga { taken: false });
    assert!(give_up_after(1, saga()).await.is_none());
    expect![[r#"
        RegisterUserSaga (saga): unfinished
    "#]]
    .assert_eq(&recorder.to_string());
    assert!(give_up_after(2, saga()).await.is_none());
    saga().await.unwrap();

    let endings: Vec<_> = recorder
        .dispatches_of::<RegisterUserSaga>()
        .into_iter()
        .map(|recorded| recorded.ending)
        .collect();
    let [unfinished, completed] = [RecordedEnding::Unfinished, RecordedEnding::Completed];
    assert_eq!(endings, [unfinished.clone(), unfinished, completed]);
}

#[test]
fn sagas_at_the_same_time_keep_their_own_endings() {
    let (core, recorder) = core();
    let mut succeeding = Stepper::new(core.run(RegisterUserSaga { taken: false }));
    let mut failing = Stepper::new(core.run(RegisterUserSaga { taken: true }));
    let (mut succeeded, mut failed) = (None, None);
    while succeeded.is_none() || failed.is_none() {
        succeeded = succeeded.or_else(|| succeeding.step());
        failed = failed.or_else(|| failing.step());
    }

    expect![[r#"
        RegisterUserSaga (saga): completed
        RegisterUserSaga (saga): failed with username_taken
          HashPassword (event): prevented by it::recorder::cheap_hash
          CreateUserProcess (process): completed
          HashPassword (event): prevented by it::recorder::cheap_hash
          CreateUserProcess (process): failed with username_taken
            SendMail (event): completed
    "#]]
    .assert_eq(&recorder.to_string());
}

#[tokio::test]
async fn added_to_a_builder_it_records_the_same() {
    let (laid_over, over) = core();
    let built_in = Recorder::new();
    let core = Core::builder().module(wire).monitor(Arc::new(built_in.clone())).build().unwrap();
    for core in [laid_over, core] {
        core.run(RegisterUserSaga { taken: false }).await.unwrap();
    }
    assert_eq!(built_in.dispatches(), over.dispatches());
}

#[tokio::test]
async fn the_core_below_is_neither_changed_nor_recorded() {
    let below = Core::builder().module(wire).build().unwrap();
    let (core, recorder) = Recorder::over(&below).unwrap();
    below.run(RegisterUserSaga { taken: false }).await.unwrap();
    recorder.assert_nothing_dispatched();
    assert_eq!(below.describe().to_string(), core.describe().to_string());
}

#[tokio::test]
async fn events_of_one_name_are_told_apart() {
    mod other {
        #[derive(dullahan_core::Event)]
        pub(super) struct SendMail;
    }
    let mut core = Core::builder();
    core.declare::<SendMail>();
    core.declare::<other::SendMail>();
    let (core, recorder) = Recorder::over(&core.build().unwrap()).unwrap();
    core.dispatch(&Context::new(), other::SendMail).await.unwrap();
    recorder.assert_dispatched::<other::SendMail>();
    recorder.assert_not_dispatched::<SendMail>();
}

#[tokio::test]
async fn what_a_listener_sees_is_the_same_with_it() {
    let chains = Arc::new(parking_lot::Mutex::new(Vec::new()));
    let seen = Arc::clone(&chains);
    let mut core = Core::builder();
    core.module(wire);
    core.event::<HashPassword>().after(move |ev: After<'_, HashPassword>| {
        seen.lock().push((ev.chain(), *ev.output(), ev.was_default_prevented()));
        Ok(())
    });
    let core = core.build().unwrap();
    let (recorded, _) = Recorder::over(&core).unwrap();
    for core in [core, recorded] {
        core.run(RegisterUserSaga { taken: false }).await.unwrap();
    }
    let chains = chains.lock();
    assert_eq!(chains.len(), 2);
    assert_eq!(chains[0], chains[1]);
}
