//! Phases and the default action.

use std::sync::atomic::{AtomicU32, Ordering};

use dullahan_core::{
    After, Context, Core, Error, Event, EventBuilder, Fault, Listener, Observe, Perform, Result,
    Service, Wrap,
};

use crate::support::{Log, panic_with};

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
        .before(0, log.before("before"))
        .default(log.perform("default", "Hello!".to_owned()))
        .after(0, log.after("after"));
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
        .after(256, log.after("after"))
        .default(log.perform("default", String::new()))
        .before(-256, log.before("before"));
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
    assert_eq!((error.fault(), error.code()), (Fault::Internal, "step_unhandled"));
    assert!(error.to_string().contains("`FetchRate`"), "{error}");
    assert!(!error.message().contains("FetchRate"), "a client learns nothing of the wiring");
}

#[tokio::test]
async fn without_a_default_no_listener_is_blamed() {
    let mut core = Core::builder();
    core.declare::<FetchRate>().after(0, |_: After<'_, FetchRate>| Ok(())).named("innocent");
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
        .before(0, log.before("before"))
        .after(0, log.after("after"))
        .observe(log.observe("observe"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), Announce).await.unwrap();

    assert_eq!(log.entries(), ["before", "after", "observe: completed"]);
}

#[tokio::test]
async fn wrap_can_call_the_original_default() {
    async fn exclaim(mut ev: Wrap<'_, Greet>, log: Service<'_, Log>) -> Result<String> {
        log.add(format!("wrap of {}", ev.name));
        ev.name.make_ascii_uppercase();
        let greeting = ev.next().await?;
        log.add("wrap again");
        Ok(format!("{greeting}!!"))
    }

    fn hello(ev: Perform<'_, Greet>, log: Service<'_, Log>) -> Result<String> {
        log.add(format!("default of {}", ev.name));
        Ok(format!("Hello, {}", ev.name))
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.provide(std::sync::Arc::new(log.clone()));
    core.declare::<Greet>().default(hello).wrap(0, exclaim);
    let core = core.build().unwrap();

    let greeting = core.dispatch(&Context::new(), Greet::bob()).await.unwrap();

    assert_eq!(greeting, "Hello, BOB!!");
    assert_eq!(log.entries(), ["wrap of Bob", "default of BOB", "wrap again"]);
}

/// A wrap that writes its head and its tail.
struct Around {
    name: &'static str,
    log: Log,
}

impl<E: Event> Listener<Wrap<'_, E>> for Around {
    async fn call(&self, mut ev: Wrap<'_, E>) -> Result<E::Output> {
        self.log.add(format!("{} in", self.name));
        let result = ev.next().await;
        let how = if result.is_ok() { "out" } else { "out after an error" };
        self.log.add(format!("{} {how}", self.name));
        result
    }
}

#[tokio::test]
async fn wraps_nest_by_priority() {
    let log = Log::new();
    let around = |name| Around { name, log: log.clone() };
    let mut core = Core::builder();
    core.declare::<Greet>()
        .wrap(-10, around("low"))
        .named("low")
        .wrap(10, around("high"))
        .named("high")
        .wrap(0, around("first"))
        .named("first")
        .wrap(0, around("second"))
        .named("second")
        .default(log.perform("default", String::new()));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), Greet::bob()).await.unwrap();

    assert_eq!(
        log.entries(),
        [
            "high in",
            "first in",
            "second in",
            "low in",
            "default",
            "low out",
            "second out",
            "first out",
            "high out",
        ]
    );
}

#[tokio::test]
async fn wrap_tail_runs_when_the_default_fails() {
    fn refuse(_: Perform<'_, Greet>) -> Result<String> {
        Err(Error::new(Fault::Conflict))
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Greet>()
        .default(refuse)
        .wrap(0, Around { name: "wrap", log: log.clone() })
        .after(0, log.after("after"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), Greet::bob()).await.unwrap_err();

    assert_eq!(error.fault(), Fault::Conflict);
    assert!(error.listener().unwrap().ends_with("::refuse"), "the default failed, not the wrap");
    assert_eq!(log.entries(), ["wrap in", "wrap out after an error"]);
}

#[tokio::test]
async fn wrap_tail_runs_when_the_default_panics() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Greet>()
        .default(|_: Perform<'_, Greet>| panic_with("overflow"))
        .wrap(0, Around { name: "wrap", log: log.clone() });
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), Greet::bob()).await.unwrap_err();

    assert_eq!(error.fault(), Fault::Internal);
    assert_eq!(log.entries(), ["wrap in", "wrap out after an error"]);
}

#[tokio::test]
async fn a_wrap_may_turn_an_error_into_an_output() {
    async fn fall_back(mut ev: Wrap<'_, Greet>) -> Result<String> {
        Ok(ev.next().await.unwrap_or_else(|error| format!("no greeting: {}", error.code())))
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Greet>()
        .default(|_: Perform<'_, Greet>| Err(Error::new(Fault::Unavailable)))
        .wrap(0, fall_back)
        .after(0, log.after("after"))
        .observe(log.observe("observe"));
    let core = core.build().unwrap();

    let greeting = core.dispatch(&Context::new(), Greet::bob()).await.unwrap();

    assert_eq!(greeting, "no greeting: unavailable");
    assert_eq!(log.entries(), ["after", "observe: completed"]);
}

#[tokio::test]
async fn the_error_of_a_wrap_names_the_wrap() {
    async fn refuse(mut ev: Wrap<'_, Greet>) -> Result<String> {
        ev.next().await?;
        Err(Error::new(Fault::Forbidden))
    }

    let mut core = Core::builder();
    core.declare::<Greet>().default(|_: Perform<'_, Greet>| Ok(String::new())).wrap(0, refuse);
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), Greet::bob()).await.unwrap_err();

    assert!(error.listener().unwrap().ends_with("::refuse"), "{error}");
}

/// Counts its calls and fails the first so many of them.
struct Flaky {
    calls: AtomicU32,
    fails: u32,
}

impl Listener<Perform<'_, FetchRate>> for Flaky {
    async fn call(&self, _: Perform<'_, FetchRate>) -> Result<u32> {
        let calls = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        if calls <= self.fails {
            return Err(Error::unavailable(format!("call {calls}")));
        }
        Ok(calls * 100)
    }
}

async fn cached(_: Wrap<'_, FetchRate>) -> Result<u32> {
    Ok(7)
}

async fn once(mut ev: Wrap<'_, FetchRate>) -> Result<u32> {
    Ok(ev.next().await? + 1)
}

async fn up_to_thrice(mut ev: Wrap<'_, FetchRate>) -> Result<u32> {
    for _ in 0..2 {
        if let Ok(rate) = ev.next().await {
            return Ok(rate);
        }
    }
    ev.next().await
}

#[tokio::test]
async fn wrap_may_skip_or_repeat_the_default() {
    let log = Log::new();
    let run = async |wire: fn(EventBuilder<'_, FetchRate>), fails| {
        let mut core = Core::builder();
        let rate = core.declare::<FetchRate>();
        let rate = rate.default(Flaky { calls: AtomicU32::new(0), fails });
        rate.observe(log.observe("observe"));
        wire(core.event::<FetchRate>());
        core.build().unwrap().dispatch(&Context::new(), FetchRate).await
    };

    assert_eq!(
        run(
            |rate| {
                rate.wrap(0, cached);
            },
            0
        )
        .await
        .unwrap(),
        7
    );
    assert_eq!(
        run(
            |rate| {
                rate.wrap(0, once);
            },
            0
        )
        .await
        .unwrap(),
        101
    );
    assert_eq!(
        run(
            |rate| {
                rate.wrap(0, up_to_thrice);
            },
            2
        )
        .await
        .unwrap(),
        300
    );
    let error = run(
        |rate| {
            rate.wrap(0, up_to_thrice);
        },
        3,
    )
    .await
    .unwrap_err();
    assert_eq!(error.source().unwrap().to_string(), "call 3");

    let nested = |rate: EventBuilder<'_, FetchRate>| {
        rate.wrap(1, once).wrap(0, up_to_thrice);
    };
    assert_eq!(run(nested, 1).await.unwrap(), 201, "the retry is inside of the decoration");

    assert_eq!(
        log.entries(),
        [
            "observe: completed",
            "observe: completed",
            "observe: completed",
            "observe: failed, unavailable",
            "observe: completed",
        ]
    );
}

#[tokio::test]
async fn a_repeated_default_sees_what_the_first_run_changed() {
    async fn twice(mut ev: Wrap<'_, Greet>) -> Result<String> {
        let first = ev.next().await?;
        let second = ev.next().await?;
        Ok(format!("{first}, {second}"))
    }

    fn grow(mut ev: Perform<'_, Greet>) -> Result<String> {
        ev.name.push('!');
        Ok(ev.name.clone())
    }

    let mut core = Core::builder();
    core.declare::<Greet>().default(grow).wrap(0, twice);
    let core = core.build().unwrap();

    let greeting = core.dispatch(&Context::new(), Greet::bob()).await.unwrap();

    assert_eq!(greeting, "Bob!, Bob!!");
}

#[tokio::test]
async fn what_a_listener_changes_the_next_phases_see() {
    let log = Log::new();
    let seen = log.clone();
    let mut core = Core::builder();
    core.declare::<Greet>()
        .before(0, |mut ev: dullahan_core::Before<'_, Greet>| {
            ev.name.push_str(" the builder");
            Ok(())
        })
        .default(|ev: Perform<'_, Greet>| Ok(format!("Hello, {}", ev.name)))
        .after(0, |mut ev: After<'_, Greet>| {
            let (event, output) = ev.parts_mut();
            event.name.clear();
            output.push('!');
            Ok(())
        })
        .after(-1, |mut ev: After<'_, Greet>| {
            assert_eq!(ev.output(), "Hello, Bob the builder!");
            ev.output_mut().push('?');
            Ok(())
        })
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
        .before(0, |mut ev: dullahan_core::Before<'_, Greet>| {
            assert!(!ev.is_default_prevented());
            assert!(ev.response().is_none());
            if ev.name == "Bob" {
                ev.replace("not you".to_owned());
                ev.stop();
            }
            Ok(())
        })
        .default(|ev: Perform<'_, Greet>| Ok(format!("Hello, {}", ev.name)));
    let core = core.build().unwrap();
    let context = Context::new();

    for (name, greeting) in [("Bob", "not you"), ("Ann", "Hello, Ann"), ("Bob", "not you")] {
        let greet = Greet { name: name.to_owned() };
        assert_eq!(core.dispatch(&context, greet).await.unwrap(), greeting);
    }
}
