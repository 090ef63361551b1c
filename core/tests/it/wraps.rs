//! Around the default action.

use std::sync::atomic::{AtomicU32, Ordering};

use dullahan_core::{
    Context, Core, Error, Event, EventBuilder, Fault, Listener, Perform, Result, Service, Wrap,
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
