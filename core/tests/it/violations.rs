//! What listeners find wrong with a request.

use dullahan_core::{
    Before, Context, Core, DefaultAction, Error, ErrorKind, Event, ListenerOptions as _, Result,
    Violation,
};

use crate::support::Log;

#[derive(Event)]
#[event(preventable)]
struct AcceptPayload {
    email: &'static str,
    password: &'static str,
}

impl AcceptPayload {
    const WRONG: Self = Self { email: "nobody", password: "short" };
    const RIGHT: Self = Self { email: "ann@example.org", password: "correct horse battery" };
}

/// An event that only checks, so that one answer may name everything that is wrong.
#[derive(Event)]
#[event(preventable, gathers)]
struct Validate {
    name: &'static str,
}

fn check_email(mut ev: Before<'_, AcceptPayload>) -> Result<()> {
    if !ev.email.contains('@') {
        ev.reject(Violation::new("/email", "malformed"));
    }
    Ok(())
}

async fn check_password(mut ev: Before<'_, AcceptPayload>) -> Result<()> {
    if ev.password.len() < 15 {
        ev.reject(Violation::new("/password", "too_short").with("min", 15));
        ev.reject(Violation::new("/password", "too_common"));
    }
    Ok(())
}

fn found(error: &Error) -> Vec<(&str, &str)> {
    error.violations().iter().map(|one| (one.pointer(), one.code())).collect()
}

#[tokio::test]
async fn reject_gathers_the_violations_of_several_listeners() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<AcceptPayload>()
        .before(check_email.priority(1))
        .before(check_password)
        .before(log.before("before").priority(-1))
        .default(log.perform("default", ()))
        .after(log.after("after"))
        .observe(log.observe("observe"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), AcceptPayload::WRONG).await.unwrap_err();

    assert_eq!((error.kind(), error.code()), (ErrorKind::Invalid, "invalid"));
    assert_eq!(
        found(&error),
        [("/email", "malformed"), ("/password", "too_short"), ("/password", "too_common")]
    );
    assert_eq!(error.violations()[1].params()["min"], "15");
    assert_eq!(log.take(), ["before", "observe: failed, invalid"]);

    core.dispatch(&Context::new(), AcceptPayload::RIGHT).await.unwrap();
    assert_eq!(log.take(), ["before", "default", "after", "observe: completed"]);
}

#[tokio::test]
async fn a_rejected_request_stays_rejected_when_the_default_is_prevented() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<AcceptPayload>()
        .before(check_email.priority(1))
        .before(|mut ev: Before<'_, AcceptPayload>| {
            ev.respond(());
            Ok(())
        })
        .default(log.perform("default", ()))
        .after(log.after("after"));
    core.declare::<Validate>()
        .before(|mut ev: Before<'_, Validate>| {
            ev.reject(Violation::new("/name", "reserved"));
            ev.respond(());
            Ok(())
        })
        .default(log.perform("default", ()));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), AcceptPayload::WRONG).await.unwrap_err();
    assert_eq!(found(&error), [("/email", "malformed")]);
    let error = core.dispatch(&Context::new(), Validate { name: "x" }).await.unwrap_err();
    assert_eq!(found(&error), [("/name", "reserved")]);
    assert!(log.entries().is_empty());
}

#[tokio::test]
async fn an_error_of_a_later_listener_wins_over_a_rejection() {
    let mut core = Core::builder();
    core.declare::<AcceptPayload>()
        .before(check_email.priority(1))
        .before(|_: Before<'_, AcceptPayload>| Err(Error::new(ErrorKind::TooManyRequests)))
        .default(|_: DefaultAction<'_, AcceptPayload>| Ok(()));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), AcceptPayload::WRONG).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::TooManyRequests);
}

#[tokio::test]
async fn violations_of_a_child_reach_the_caller() {
    #[derive(dullahan_core::Saga)]
    struct RegisterSaga;

    async fn register(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<()> {
        ev.dispatch(AcceptPayload::WRONG).await
    }

    let mut core = Core::builder();
    core.declare::<RegisterSaga>().default(register);
    core.declare::<AcceptPayload>()
        .before(check_email)
        .default(|_: DefaultAction<'_, AcceptPayload>| Ok(()));
    let core = core.build().unwrap();

    let error = core.run(RegisterSaga).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(found(&error), [("/email", "malformed")]);
}

fn reserved_name(mut ev: Before<'_, Validate>) -> Result<()> {
    if ev.name == "root" {
        ev.reject(Violation::new("/name", "reserved"));
    }
    Ok(())
}

fn wire_validate(log: &Log, default: impl Fn() -> Result<()> + Send + Sync + 'static) -> Core {
    let seen = log.clone();
    let mut core = Core::builder();
    core.declare::<Validate>()
        .before(reserved_name)
        .default(
            (move |ev: DefaultAction<'_, Validate>| {
                seen.add(format!("default, knowing {}", ev.violations().len()));
                default()
            })
            .named("the default"),
        )
        .after(log.after("after"))
        .observe(log.observe("observe"));
    core.build().unwrap()
}

#[tokio::test]
async fn a_gathering_event_runs_the_default_and_discards_its_output() {
    let log = Log::new();
    let core = wire_validate(&log, || Ok(()));

    let error = core.dispatch(&Context::new(), Validate { name: "root" }).await.unwrap_err();

    assert_eq!((error.kind(), error.code()), (ErrorKind::Invalid, "invalid"));
    assert_eq!(found(&error), [("/name", "reserved")]);
    assert_eq!(log.take(), ["default, knowing 1", "observe: failed, invalid"]);

    core.dispatch(&Context::new(), Validate { name: "ann" }).await.unwrap();
    assert_eq!(log.take(), ["default, knowing 0", "after", "observe: completed"]);
}

#[tokio::test]
async fn a_gathering_event_adds_what_the_default_finds() {
    let log = Log::new();
    let core = wire_validate(&log, || Err(Error::invalid([Violation::new("/name", "too_short")])));

    let error = core.dispatch(&Context::new(), Validate { name: "root" }).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(found(&error), [("/name", "reserved"), ("/name", "too_short")]);

    let error = core.dispatch(&Context::new(), Validate { name: "x" }).await.unwrap_err();
    assert_eq!(found(&error), [("/name", "too_short")]);
    assert_eq!(error.listener(), Some("the default"));
}

#[tokio::test]
async fn a_gathering_event_whose_default_fails_otherwise_fails_with_that() {
    let log = Log::new();
    let core = wire_validate(&log, || Err(Error::unavailable("no connection")));

    let error = core.dispatch(&Context::new(), Validate { name: "root" }).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Unavailable);
    assert_eq!(error.listener(), Some("the default"));
}

#[tokio::test]
async fn a_gathering_event_gathers_where_all_is_sync_and_unobserved() {
    let mut core = Core::builder();
    core.declare::<Validate>().before(reserved_name).default(|_: DefaultAction<'_, Validate>| {
        Err(Error::invalid([Violation::new("/name", "too_short")]))
    });
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), Validate { name: "root" }).await.unwrap_err();

    assert_eq!(found(&error), [("/name", "reserved"), ("/name", "too_short")]);
}
