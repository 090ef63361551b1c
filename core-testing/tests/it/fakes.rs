//! Fakes of chosen default actions.

use std::sync::Arc;

use dullahan_core::{
    After, Before, Context, Core, CoreBuilder, DefaultAction, Error, ErrorKind, Event, Inject,
    ListenerOptions as _, Process, Result, Saga, Wrap, defect::Defect,
};
use dullahan_core_testing::{Fakes, MemoryStore};

use super::panic_of;

#[derive(Saga)]
#[event(output = String)]
struct RegisterUserSaga;

#[derive(Event)]
#[event(output = String, preventable)]
struct HashPassword {
    password: &'static str,
}

#[derive(Process)]
#[event(output = String, preventable)]
struct CreateUserProcess {
    hash: String,
}

#[derive(Event)]
#[event(output = u32, preventable)]
struct CountUsers;

#[derive(Event)]
#[event(output = u32)]
struct NextNumber;

async fn register(mut ev: DefaultAction<'_, RegisterUserSaga>) -> Result<String> {
    let hash = ev.dispatch(HashPassword { password: "secret" }).await?;
    ev.dispatch(CreateUserProcess { hash }).await
}

async fn create(
    ev: DefaultAction<'_, CreateUserProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<String> {
    store.put(ev.context(), "user", &ev.hash).await?;
    Ok(format!("user with {}", ev.hash))
}

fn wire(core: &mut CoreBuilder) {
    core.declare::<RegisterUserSaga>().default(register);
    core.declare::<HashPassword>()
        .default((|_: DefaultAction<'_, HashPassword>| Ok("slow hash".to_owned())).named("slow"))
        .before(|mut ev: Before<'_, HashPassword>| {
            ev.password = "peppered";
            Ok(())
        })
        .wrap(async |mut ev: Wrap<'_, HashPassword>| Ok(format!("<{}>", ev.next().await?)))
        .after(|mut ev: After<'_, HashPassword>| {
            ev.output_mut().push('!');
            Ok(())
        });
    core.declare::<CreateUserProcess>().default(create);
    core.declare::<CountUsers>().default(|_: DefaultAction<'_, CountUsers>| Ok(7));
    core.declare::<NextNumber>();
}

fn core() -> (Core, MemoryStore) {
    let store = MemoryStore::new();
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone())).module(wire);
    (core.build().unwrap(), store)
}

#[tokio::test]
async fn only_the_default_is_replaced_and_everything_else_is_real() {
    let (real, store) = core();
    let (core, fakes) = Fakes::over(&real)
        .fake::<HashPassword>(|event| Ok(format!("hash of {}", event.password)))
        .build()
        .unwrap();

    let user = core.run(RegisterUserSaga).await.unwrap();

    assert_eq!(user, "user with <hash of peppered>!");
    assert_eq!(store.committed()["user"], "<hash of peppered>!");
    fakes.assert_called::<HashPassword>(1);
    let user = real.run(RegisterUserSaga).await.unwrap();
    assert_eq!(user, "user with <slow hash>!", "the core below is as it was");
    assert_eq!(fakes.calls::<HashPassword>(), 1);
}

#[tokio::test]
async fn several_events_are_faked_at_once_and_each_counts_its_calls() {
    let (real, store) = core();
    let (core, fakes) = Fakes::over(&real)
        .fake_output::<HashPassword>("hash".to_owned())
        .fake_output::<CreateUserProcess>("nobody".to_owned())
        .fake_output::<CountUsers>(0)
        .build()
        .unwrap();

    for _ in 0..3 {
        assert_eq!(core.run(RegisterUserSaga).await.unwrap(), "nobody");
    }
    assert_eq!(core.dispatch(&Context::new(), CountUsers).await.unwrap(), 0);

    assert!(store.is_empty());
    fakes.assert_called::<HashPassword>(3);
    fakes.assert_called::<CreateUserProcess>(3);
    fakes.assert_called::<CountUsers>(1);
}

#[tokio::test]
async fn a_fake_may_fail() {
    let (real, store) = core();
    let (core, fakes) = Fakes::over(&real)
        .fake::<CreateUserProcess>(|_| Err(Error::new(ErrorKind::Conflict).with_code("taken")))
        .build()
        .unwrap();
    let error = core.run(RegisterUserSaga).await.unwrap_err();
    assert_eq!(error.code(), "taken");
    assert!(store.is_empty());
    fakes.assert_called::<CreateUserProcess>(1);
}

#[tokio::test]
async fn a_fake_can_be_async_dispatch_and_ask_for_services() {
    async fn create_twice(
        mut ev: DefaultAction<'_, CreateUserProcess>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<String> {
        let users = ev.dispatch(CountUsers).await?;
        store.put(ev.context(), "users", users.to_string()).await?;
        Ok("two".to_owned())
    }
    let (real, store) = core();
    let (core, fakes) = Fakes::over(&real)
        .fake_action::<CreateUserProcess, _>(create_twice)
        .fake_output::<CountUsers>(2)
        .build()
        .unwrap();
    assert_eq!(core.run(RegisterUserSaga).await.unwrap(), "two");
    assert_eq!(store.committed()["users"], "2");
    fakes.assert_called::<CreateUserProcess>(1);
    fakes.assert_called::<CountUsers>(1);
}

#[tokio::test]
async fn a_fake_whose_event_is_prevented_is_not_called() {
    let (real, _) = core();
    let (core, fakes) = Fakes::over(&real).fake_output::<CountUsers>(1).build().unwrap();
    let core = core
        .overlay(|core| {
            core.event::<CountUsers>().before(|mut ev: Before<'_, CountUsers>| {
                ev.respond(9);
                Ok(())
            });
        })
        .unwrap();
    assert_eq!(core.dispatch(&Context::new(), CountUsers).await.unwrap(), 9);
    fakes.assert_called::<CountUsers>(0);
}

#[tokio::test]
async fn a_fake_replaces_an_override_and_the_dump_says_so() {
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default((|_: DefaultAction<'_, CountUsers>| Ok(7)).named("stored"));
    core.event::<CountUsers>()
        .override_default((|_: DefaultAction<'_, CountUsers>| Ok(8)).named("cached"));
    let core = core.build().unwrap();
    let (core, _) = Fakes::over(&core).fake_output::<CountUsers>(9).build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), CountUsers).await.unwrap(), 9);
    let description = core.describe();
    let [fake] = &description.events[0].listeners[..] else { panic!("one listener") };
    assert_eq!((&*fake.name, fake.module), ("fake", "fake"));
    assert_eq!(fake.overrides.as_deref(), Some("cached"));
    assert_eq!(fake.place.file, file!());
}

#[tokio::test]
async fn an_event_without_a_default_can_be_faked() {
    let (real, _) = core();
    let (core, fakes) = Fakes::over(&real).fake_output::<NextNumber>(5).build().unwrap();
    assert_eq!(core.dispatch(&Context::new(), NextNumber).await.unwrap(), 5);
    fakes.assert_called::<NextNumber>(1);
    assert!(real.dispatch(&Context::new(), NextNumber).await.unwrap_err().is_not_handled());
}

#[tokio::test]
async fn of_two_fakes_of_one_event_the_later_counts() {
    let (real, _) = core();
    let fakes = Fakes::over(&real).fake_output::<CountUsers>(1).fake_output::<CountUsers>(2);
    let (core, fakes) = fakes.build().unwrap();
    assert_eq!(core.dispatch(&Context::new(), CountUsers).await.unwrap(), 2);
    fakes.assert_called::<CountUsers>(1);
}

#[test]
fn a_fake_of_an_event_that_the_core_does_not_declare_is_a_defect() {
    let core = Core::builder().build().unwrap();
    let error = Fakes::over(&core).fake_output::<CountUsers>(1).build().unwrap_err();
    let [Defect::UndeclaredEvent { event: "CountUsers", listeners }] = error.defects() else {
        panic!("{error}")
    };
    assert_eq!(listeners[0].1.file, file!());
}

#[tokio::test]
async fn what_does_not_hold_fails_and_says_so() {
    let (real, _) = core();
    let (core, fakes) = Fakes::over(&real).fake_output::<CountUsers>(1).build().unwrap();
    core.dispatch(&Context::new(), CountUsers).await.unwrap();
    assert_eq!(
        panic_of(|| fakes.assert_called::<CountUsers>(2)),
        "the fake of `CountUsers` was called once, not 2 times"
    );
    assert_eq!(
        panic_of(|| fakes.calls::<HashPassword>()),
        "`HashPassword` (it::fakes::HashPassword) was not faked"
    );
}
