//! Around the default action.

use std::sync::atomic::{AtomicU32, Ordering};

use dullahan_core::{
    Context, Core, DefaultAction, Error, ErrorKind, Event, Inject, Listener, ListenerOptions as _,
    Result, Wrap, builder::EventBuilder,
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

#[tokio::test]
async fn wrap_can_call_the_original_default() {
    async fn exclaim(mut ev: Wrap<'_, Greet>, log: Inject<'_, Log>) -> Result<String> {
        log.add(format!("wrap of {}", ev.name));
        ev.name.make_ascii_uppercase();
        let greeting = ev.next().await?;
        log.add("wrap again");
        Ok(format!("{greeting}!!"))
    }

    fn hello(ev: DefaultAction<'_, Greet>, log: Inject<'_, Log>) -> Result<String> {
        log.add(format!("default of {}", ev.name));
        Ok(format!("Hello, {}", ev.name))
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.provide(std::sync::Arc::new(log.clone()));
    core.declare::<Greet>().default(hello).wrap(exclaim);
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
        .wrap(around("low").priority(-10).named("low"))
        .wrap(around("high").priority(10).named("high"))
        .wrap(around("first").named("first"))
        .wrap(around("second").named("second"))
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
    fn refuse(_: DefaultAction<'_, Greet>) -> Result<String> {
        Err(Error::new(ErrorKind::Conflict))
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Greet>()
        .default(refuse)
        .wrap(Around { name: "wrap", log: log.clone() })
        .after(log.after("after"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), Greet::bob()).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Conflict);
    assert!(error.listener().unwrap().ends_with("::refuse"), "the default failed, not the wrap");
    assert_eq!(log.entries(), ["wrap in", "wrap out after an error"]);
}

#[tokio::test]
async fn wrap_tail_runs_when_the_default_panics() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Greet>()
        .default(|_: DefaultAction<'_, Greet>| panic_with("overflow"))
        .wrap(Around { name: "wrap", log: log.clone() });
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), Greet::bob()).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Internal);
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
        .default(|_: DefaultAction<'_, Greet>| Err(Error::new(ErrorKind::Unavailable)))
        .wrap(fall_back)
        .after(log.after("after"))
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
        Err(Error::new(ErrorKind::Forbidden))
    }

    let mut core = Core::builder();
    core.declare::<Greet>().default(|_: DefaultAction<'_, Greet>| Ok(String::new())).wrap(refuse);
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), Greet::bob()).await.unwrap_err();

    assert!(error.listener().unwrap().ends_with("::refuse"), "{error}");
}

/// Counts its calls and fails the first so many of them.
struct Flaky {
    calls: AtomicU32,
    fails: u32,
}

impl Listener<DefaultAction<'_, FetchRate>> for Flaky {
    async fn call(&self, _: DefaultAction<'_, FetchRate>) -> Result<u32> {
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
    type Wire = fn(EventBuilder<'_, FetchRate>) -> EventBuilder<'_, FetchRate>;

    let log = Log::new();
    let run = async |fails, wire: Wire| {
        let mut core = Core::builder();
        let rate = core.declare::<FetchRate>();
        rate.default(Flaky { calls: AtomicU32::new(0), fails }).observe(log.observe("observe"));
        wire(core.event::<FetchRate>());
        let context = Context::new().with_trace();
        let result = core.build().unwrap().dispatch(&context, FetchRate).await;
        (result, context.trace().unwrap().dispatches[0].default_runs)
    };

    let (rate, runs) = run(0, |rate| rate.wrap(cached)).await;
    assert_eq!((rate.unwrap(), runs), (7, 0));

    let (rate, runs) = run(0, |rate| rate.wrap(once)).await;
    assert_eq!((rate.unwrap(), runs), (101, 1));

    let (rate, runs) = run(2, |rate| rate.wrap(up_to_thrice)).await;
    assert_eq!((rate.unwrap(), runs), (300, 3));

    let (rate, runs) = run(3, |rate| rate.wrap(up_to_thrice)).await;
    assert_eq!((rate.unwrap_err().source().unwrap().to_string().as_str(), runs), ("call 3", 3));

    let (rate, runs) = run(1, |rate| rate.wrap(once.priority(1)).wrap(up_to_thrice)).await;
    assert_eq!((rate.unwrap(), runs), (201, 2), "the retry is inside of the decoration");

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

    fn grow(mut ev: DefaultAction<'_, Greet>) -> Result<String> {
        ev.name.push('!');
        Ok(ev.name.clone())
    }

    let mut core = Core::builder();
    core.declare::<Greet>().default(grow).wrap(twice);
    let core = core.build().unwrap();

    let greeting = core.dispatch(&Context::new(), Greet::bob()).await.unwrap();

    assert_eq!(greeting, "Bob!, Bob!!");
}
