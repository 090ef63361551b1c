//! Where an error says that it arose, and what it keeps of what was said before.

use dullahan_core::{
    Before, Context, Core, DefaultAction, Error, ErrorKind, Event, ListenerOptions as _, Result,
    Saga, Violation,
};

#[derive(Saga)]
struct RegisterSaga;

#[derive(Event)]
#[event(output = u32, preventable)]
struct Validate;

#[derive(Event)]
#[event(output = u32, preventable, gathers)]
struct Check;

#[derive(Event)]
#[event(output = u32)]
struct Unsupplied;

fn ask(mut ev: Before<'_, Validate>) -> Result<()> {
    ev.reject(Violation::new("/captcha", "wrong"));
    Ok(())
}

fn prevent(mut ev: Before<'_, Validate>) -> Result<()> {
    ev.prevent_default();
    Ok(())
}

fn refuse(_: Before<'_, Validate>) -> Result<()> {
    Err(Error::invalid([Violation::new("/email", "required")]).with_code("own_code"))
}

fn ask_too(mut ev: Before<'_, Check>) -> Result<()> {
    ev.reject(Violation::new("/captcha", "wrong"));
    Ok(())
}

async fn validate(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<()> {
    ev.dispatch(Validate).await.map(drop)
}

/// The error of a saga whose only step is `Validate`, with these listeners before it.
async fn error_of(listen: impl FnOnce(&mut dullahan_core::CoreBuilder)) -> Error {
    let mut core = Core::builder();
    core.declare::<RegisterSaga>().default(validate);
    core.declare::<Validate>().default(|_: DefaultAction<'_, Validate>| Ok(1));
    listen(&mut core);
    core.build().unwrap().run(RegisterSaga).await.unwrap_err()
}

#[tokio::test]
async fn a_rejection_names_the_listener_that_was_first_and_its_own_chain() {
    let error = error_of(|core| {
        core.event::<Validate>().before(ask);
    })
    .await;
    assert!(error.listener().unwrap().ends_with("::ask"), "{error}");
    assert_eq!(error.chain(), ["RegisterSaga", "Validate"]);
}

#[tokio::test]
async fn prevented_without_output_names_who_prevented_and_its_own_chain() {
    let error = error_of(|core| {
        core.event::<Validate>().before(prevent);
    })
    .await;
    assert!(error.is_not_handled());
    assert!(error.listener().unwrap().ends_with("::prevent"), "{error}");
    assert_eq!(error.chain(), ["RegisterSaga", "Validate"]);
}

#[tokio::test]
async fn an_event_that_nothing_supplies_has_a_chain_and_no_listener_to_blame() {
    async fn ask_for_it(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<()> {
        ev.dispatch(Unsupplied).await.map(drop)
    }
    let mut core = Core::builder();
    core.declare::<RegisterSaga>().default(ask_for_it);
    core.declare::<Unsupplied>();
    let error = core.build().unwrap().run(RegisterSaga).await.unwrap_err();
    assert!(error.is_not_handled());
    assert_eq!(error.listener(), None);
    assert_eq!(error.chain(), ["RegisterSaga", "Unsupplied"]);
}

#[tokio::test]
async fn an_invalid_error_after_a_rejection_says_both() {
    let error = error_of(|core| {
        core.event::<Validate>().before(ask.priority(1)).before(refuse);
    })
    .await;
    let pointers: Vec<_> = error.violations().iter().map(Violation::pointer).collect();
    assert_eq!(pointers, ["/captcha", "/email"]);
    assert_eq!(error.code(), "own_code");
}

#[tokio::test]
async fn a_default_that_gathers_keeps_its_own_code_message_and_source() {
    let mut core = Core::builder();
    core.declare::<Check>().before(ask_too).default(|_: DefaultAction<'_, Check>| {
        Err(Error::new(ErrorKind::Invalid)
            .with_code("own_code")
            .with_message("own message")
            .with_source("own source")
            .with_violation(Violation::new("/email", "required")))
    });
    let core = core.build().unwrap();
    let error = core.dispatch(&Context::new(), Check).await.unwrap_err();
    let pointers: Vec<_> = error.violations().iter().map(Violation::pointer).collect();
    assert_eq!(pointers, ["/captcha", "/email"]);
    assert_eq!((error.code(), error.message()), ("own_code", "own message"));
    assert_eq!(error.source().unwrap().to_string(), "own source");
}
