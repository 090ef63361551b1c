//! Phases and the default action.

use dullahan_core::{
    After, Context, Core, DefaultAction, ErrorKind, Event, ListenerOptions as _, Observe,
};

use crate::support::Log;

#[derive(Event)]
#[event(output = String, preventable)]
struct Greet {
    name: String,
}

impl Greet {
    fn bob() -> Self {
        Self { name: "Bob".to_owned() }
    }
}

/// An event whose output has to come from somewhere.
#[derive(Event)]
#[event(output = u32)]
struct FetchRate;

/// An event that only tells: it has no output, and needs nothing to do.
#[derive(Event)]
struct Announce;

#[tokio::test]
async fn default_runs_between_before_and_after() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Greet>()
        .before(log.before("before"))
        .default(log.perform("default", "Hello!".to_owned()))
        .after(log.after("after"));
    let core = core.build().unwrap();

    let greeting = core.dispatch(&Context::new(), Greet::bob()).await.unwrap();

    assert_eq!(greeting, "Hello!");
    assert_eq!(log.entries(), ["before", "default", "after"]);
}

#[tokio::test]
async fn phase_wins_over_registration_order() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Greet>()
        .committed(log.committed("committed"))
        .observe(log.observe("observe"))
        .after(log.after("after").priority(256))
        .default(log.perform("default", String::new()))
        .before(log.before("before").priority(-256));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), Greet::bob()).await.unwrap();

    assert_eq!(log.entries(), ["before", "default", "after", "observe: completed", "committed"]);
}

#[tokio::test]
async fn dispatch_without_listeners_runs_only_the_default() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Greet>().default(log.perform("default", "Hello!".to_owned()));
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), Greet::bob()).await.unwrap(), "Hello!");
    assert_eq!(log.entries(), ["default"]);
}

#[tokio::test]
async fn no_default_no_listeners_is_not_handled() {
    let mut core = Core::builder();
    core.declare::<FetchRate>();
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), FetchRate).await.unwrap_err();

    assert!(error.is_not_handled());
    assert_eq!((error.kind(), error.code()), (ErrorKind::Internal, "step_unhandled"));
    assert!(error.to_string().contains("`FetchRate`"), "{error}");
    assert!(!error.message().contains("FetchRate"), "a client learns nothing of the wiring");
}

#[tokio::test]
async fn without_a_default_no_listener_is_blamed() {
    let mut core = Core::builder();
    core.declare::<FetchRate>().after((|_: After<'_, FetchRate>| Ok(())).named("innocent"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), FetchRate).await.unwrap_err();

    assert!(error.is_not_handled());
    assert_eq!(error.listener(), None, "{error}");
}

#[tokio::test]
async fn an_event_that_only_tells_needs_no_default() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .before(log.before("before"))
        .after(log.after("after"))
        .observe(log.observe("observe"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), Announce).await.unwrap();

    assert_eq!(log.entries(), ["before", "after", "observe: completed"]);
}

#[tokio::test]
async fn what_a_listener_changes_the_next_phases_see() {
    let log = Log::new();
    let seen = log.clone();
    let mut core = Core::builder();
    core.declare::<Greet>()
        .before(|mut ev: dullahan_core::Before<'_, Greet>| {
            ev.name.push_str(" the builder");
            Ok(())
        })
        .default(|ev: DefaultAction<'_, Greet>| Ok(format!("Hello, {}", ev.name)))
        .after(|mut ev: After<'_, Greet>| {
            let (event, output) = ev.parts_mut();
            event.name.clear();
            output.push('!');
            Ok(())
        })
        .after(
            (|mut ev: After<'_, Greet>| {
                assert_eq!(ev.output(), "Hello, Bob the builder!");
                ev.output_mut().push('?');
                Ok(())
            })
            .priority(-1),
        )
        .observe(move |ev: Observe<'_, Greet>| {
            seen.add(format!("the name is `{}`", ev.name));
            Ok(())
        });
    let core = core.build().unwrap();

    let greeting = core.dispatch(&Context::new(), Greet::bob()).await.unwrap();

    assert_eq!(greeting, "Hello, Bob the builder!?");
    assert_eq!(log.entries(), ["the name is ``"]);
}

#[tokio::test]
async fn nothing_of_one_dispatch_leaks_into_the_next() {
    let mut core = Core::builder();
    core.declare::<Greet>()
        .before(|mut ev: dullahan_core::Before<'_, Greet>| {
            assert!(!ev.is_default_prevented());
            assert!(ev.response().is_none());
            if ev.name == "Bob" {
                ev.respond("not you".to_owned());
                ev.stop();
            }
            Ok(())
        })
        .default(|ev: DefaultAction<'_, Greet>| Ok(format!("Hello, {}", ev.name)));
    let core = core.build().unwrap();
    let context = Context::new();

    for (name, greeting) in [("Bob", "not you"), ("Ann", "Hello, Ann"), ("Bob", "not you")] {
        let greet = Greet { name: name.to_owned() };
        assert_eq!(core.dispatch(&context, greet).await.unwrap(), greeting);
    }
}
