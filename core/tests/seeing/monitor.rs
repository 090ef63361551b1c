//! Monitors: told of every event.

use std::sync::Arc;

use dullahan_core::{
    Before, Committed, Context, Core, DefaultAction, Error, ErrorKind, Event, ListenerOptions as _,
    Outcome, Process, Result, Saga, Wrap,
    event::Kind,
    monitor::{Dispatch, Monitor},
};

use crate::support::{Log, StoreCall, Watch, give_up_after, panic_with, pause, put, store_builder};

#[derive(Saga)]
#[event(output = u32, preventable)]
struct RegisterUserSaga;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct HashPassword;

/// Writes whatever it is told of.
struct Noting(Log, &'static str);

impl Monitor for Noting {
    fn entered(&self, dispatch: &Dispatch<'_>) {
        let depth = "  ".repeat(dispatch.depth());
        self.0.add(format!("{depth}{} {} {}", self.1, dispatch.kind().as_str(), dispatch.event()));
    }

    fn left(&self, dispatch: &Dispatch<'_>, outcome: Outcome<'_>) {
        let depth = "  ".repeat(dispatch.depth());
        let ending = match outcome {
            Outcome::Completed(()) => "completed".to_owned(),
            Outcome::Prevented { by, .. } => format!("prevented by {by}"),
            Outcome::Failed(error) => format!("failed, {}", error.code()),
        };
        self.0.add(format!("{depth}{} left {}: {ending}", self.1, dispatch.event()));
    }
}

#[tokio::test]
async fn monitor_sees_every_event() {
    async fn register(mut ev: DefaultAction<'_, RegisterUserSaga>) -> Result<u32> {
        ev.dispatch(CreateUserProcess).await
    }

    async fn hash(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(HashPassword).await.map(drop)
    }

    async fn index(mut ev: Committed<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(HashPassword).await.map(drop)
    }

    let log = Log::new();
    let (mut core, _) = store_builder(&log);
    core.monitor(Arc::new(Noting(log.clone(), ">")));
    core.declare::<RegisterUserSaga>()
        .before(log.before("first of saga").priority(i32::MAX))
        .default(register)
        .observe(log.observe("observer of saga"));
    core.declare::<CreateUserProcess>()
        .before(hash)
        .default(put("user"))
        .observe(log.observe("observer of create"))
        .committed(index);
    core.declare::<HashPassword>()
        .before(
            (|mut ev: Before<'_, HashPassword>| {
                ev.respond(1);
                Ok(())
            })
            .named("replacer"),
        )
        .default(log.perform("hash", 1));
    let core = core.build().unwrap();

    core.run(RegisterUserSaga).await.unwrap();

    assert_eq!(
        log.entries(),
        [
            "> saga RegisterUserSaga",
            "first of saga",
            "  > process CreateUserProcess",
            "    > event HashPassword",
            "    > left HashPassword: prevented by replacer",
            "begin",
            "put user",
            "commit",
            "observer of create: completed",
            "  > left CreateUserProcess: completed",
            "    > event HashPassword",
            "    > left HashPassword: prevented by replacer",
            "observer of saga: completed",
            "> left RegisterUserSaga: completed",
        ]
    );
}

#[tokio::test]
async fn a_failure_is_told_once_it_is_final() {
    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.monitor(Arc::new(Noting(log.clone(), ">")));
    core.declare::<CreateUserProcess>()
        .default(put("user"))
        .observe(log.observe("observer"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Commit);

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!(
        log.entries(),
        [
            "> process CreateUserProcess",
            "begin",
            "put user",
            "commit fails",
            "observer: failed, unavailable",
            "> left CreateUserProcess: failed, unavailable",
            "rolled back: unavailable",
        ]
    );
}

#[tokio::test]
async fn a_process_that_may_fail_alone_is_told_too() {
    async fn register(mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        _ = ev.dispatch_in_savepoint(GrantRoleProcess).await;
        Ok(7)
    }

    #[derive(Process)]
    struct GrantRoleProcess;

    let log = Log::new();
    let (mut core, _) = store_builder(&log);
    core.monitor(Arc::new(Noting(log.clone(), ">")));
    core.declare::<CreateUserProcess>().default(register);
    core.declare::<GrantRoleProcess>()
        .default(|_: DefaultAction<'_, GrantRoleProcess>| Err(Error::new(ErrorKind::Forbidden)));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();

    assert_eq!(
        log.entries(),
        [
            "> process CreateUserProcess",
            "  > process GrantRoleProcess",
            "  > left GrantRoleProcess: failed, forbidden",
            "> left CreateUserProcess: completed",
        ]
    );
}

#[tokio::test]
async fn monitors_are_told_in_the_order_in_which_they_were_added() {
    let log = Log::new();
    let mut core = Core::builder();
    core.monitor(Arc::new(Noting(log.clone(), "one")));
    core.declare::<HashPassword>().default(log.perform("hash", 1));
    core.monitor(Arc::new(Noting(log.clone(), "two")));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), HashPassword).await.unwrap();

    assert_eq!(
        log.entries(),
        [
            "one event HashPassword",
            "two event HashPassword",
            "hash",
            "one left HashPassword: completed",
            "two left HashPassword: completed",
        ]
    );
}

#[tokio::test]
async fn an_answer_of_a_wrap_counts_as_completed() {
    let log = Log::new();
    let mut core = Core::builder();
    core.monitor(Arc::new(Noting(log.clone(), ">")));
    core.declare::<HashPassword>()
        .wrap(async |_: Wrap<'_, HashPassword>| Ok(1))
        .default(log.perform("hash", 1));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), HashPassword).await.unwrap();

    assert_eq!(log.entries(), ["> event HashPassword", "> left HashPassword: completed"]);
}

/// Panics at whatever it is told.
struct Broken;

impl Monitor for Broken {
    fn entered(&self, _: &Dispatch<'_>) {
        _ = panic_with::<()>("entered");
    }

    fn left(&self, _: &Dispatch<'_>, _: Outcome<'_>) {
        _ = panic_with::<()>("left");
    }
}

#[tokio::test]
async fn a_monitor_that_panics_is_reported_and_changes_nothing() {
    let log = Log::new();
    let mut core = Core::builder();
    core.monitor(Arc::new(Broken)).monitor(Arc::new(Noting(log.clone(), ">")));
    core.declare::<HashPassword>().default(log.perform("hash", 1));
    let core = core.build().unwrap();
    let watch = Watch::failures();
    let listening = watch.listen();

    assert_eq!(core.dispatch(&Context::new(), HashPassword).await.unwrap(), 1);

    drop(listening);
    assert_eq!(
        log.entries(),
        ["> event HashPassword", "hash", "> left HashPassword: completed"],
        "the other monitor is told all the same"
    );
    let told = watch.told();
    assert_eq!(told.len(), 2);
    for report in told {
        assert_eq!(report["event"], "HashPassword");
        assert_eq!(report["message"], "a monitor panicked");
    }
}

#[tokio::test]
async fn a_dispatch_that_is_dropped_is_entered_and_not_left() {
    let log = Log::new();
    let mut core = Core::builder();
    core.monitor(Arc::new(Noting(log.clone(), ">")));
    core.declare::<HashPassword>().default(async |_: DefaultAction<'_, HashPassword>| {
        pause().await;
        Ok(1)
    });
    let core = core.build().unwrap();

    assert!(give_up_after(1, core.dispatch(&Context::new(), HashPassword)).await.is_none());

    assert_eq!(log.entries(), ["> event HashPassword"]);
}

#[tokio::test]
async fn a_monitor_sees_where_a_dispatch_stands() {
    struct Checking(Log);

    impl Monitor for Checking {
        fn entered(&self, dispatch: &Dispatch<'_>) {
            let tenant = dispatch.context().get::<&'static str>().unwrap_or("nobody");
            self.0.add(format!("{:?} of {tenant}", dispatch.chain()));
            assert_eq!(dispatch.kind() == Kind::Saga, dispatch.depth() == 0);
            assert_eq!(dispatch.chain().len(), dispatch.depth() + 1);
        }
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.monitor(Arc::new(Checking(log.clone())));
    core.declare::<RegisterUserSaga>().default(
        async |mut ev: DefaultAction<'_, RegisterUserSaga>| ev.dispatch(HashPassword).await,
    );
    core.declare::<HashPassword>().default(|_: DefaultAction<'_, HashPassword>| Ok(1));
    let core = core.build().unwrap();
    let context = Context::new();
    context.insert("the north");

    core.run_in(&context, RegisterUserSaga).await.unwrap();

    assert_eq!(
        log.entries(),
        [
            r#"["RegisterUserSaga"] of the north"#,
            r#"["RegisterUserSaga", "HashPassword"] of the north"#,
        ]
    );
}
