//! What sealing a wiring checks.

mod defaults;

use std::sync::Arc;

use dullahan_core::{
    After, Before, Context, Core, CoreBuilder, DefaultAction, Event, Inject, Listener,
    ListenerOptions as _, Module, Observe, Process, Result, defect::Defect, phase::PhaseName,
};
use expect_test::expect;

use crate::support::Log;

#[derive(Event)]
#[event(output = u32, preventable)]
struct CountUsers;

#[derive(Event)]
struct Announce;

#[derive(Process)]
struct CreateUserProcess;

trait Mailer: Send + Sync {
    fn sent(&self) -> u32;
}

trait Clock: Send + Sync {
    fn now(&self) -> u32;
}

struct Seven;

impl Mailer for Seven {
    fn sent(&self) -> u32 {
        7
    }
}

impl Clock for Seven {
    fn now(&self) -> u32 {
        7
    }
}

fn forty_two(_: DefaultAction<'_, CountUsers>) -> Result<u32> {
    Ok(42)
}

fn forty_three(_: DefaultAction<'_, CountUsers>) -> Result<u32> {
    Ok(43)
}

fn forty_four(_: DefaultAction<'_, CountUsers>) -> Result<u32> {
    Ok(44)
}

async fn remind(_: After<'_, CountUsers>, mailer: Inject<'_, dyn Mailer>) -> Result<()> {
    assert_eq!(mailer.sent(), 7);
    Ok(())
}

/// A functor with two ports.
struct Report {
    mailer: Arc<dyn Mailer>,
    clock: Arc<dyn Clock>,
}

impl Report {
    fn new(mailer: Arc<dyn Mailer>, clock: Arc<dyn Clock>) -> Self {
        Self { mailer, clock }
    }
}

impl Listener<Observe<'_, CountUsers>> for Report {
    async fn call(&self, _: Observe<'_, CountUsers>) -> Result<()> {
        assert_eq!(self.mailer.sent() + self.clock.now(), 14);
        Ok(())
    }
}

fn check(_: Before<'_, CountUsers>) -> Result<()> {
    Ok(())
}

/// The text of a build error without the lines that move whenever this file changes.
fn text_of(error: &dullahan_core::BuildError, file: &str) -> String {
    let (_, name) = file.rsplit_once('/').unwrap();
    error
        .to_string()
        .lines()
        .map(|line| match line.split_once(file) {
            None => line.to_owned(),
            Some((before, after)) => {
                let after = after.trim_start_matches(|c: char| c == ':' || c.is_ascii_digit());
                format!("{before}{name}:{after}")
            }
        })
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn listener_for_an_undeclared_event_fails_the_build() {
    let mut core = Core::builder();
    core.event::<CountUsers>().before(check).after(remind);

    let error = core.build().unwrap_err();

    expect![[r#"
        the wiring has 1 defect:

        1. no module declares `CountUsers`, to which listeners were registered
           sealing.rs: wiring::sealing::check
           sealing.rs: wiring::sealing::remind
           add the module that owns the event; if it is yours, use `core.declare::<CountUsers>()`; if it may be missing, add `.optional()`"#]]
    .assert_eq(&text_of(&error, file!()));
}

#[tokio::test]
async fn an_optional_listener_is_dropped_where_nobody_declares_its_event() {
    let log = Log::new();
    let listen = |core: &mut CoreBuilder| {
        core.event::<Announce>().before(log.before("listened").optional());
    };

    let without = Core::builder().module(listen).build().unwrap();
    assert!(without.describe().events.is_empty());
    assert!(without.dispatch(&Context::new(), Announce).await.is_err());

    let mut with = Core::builder();
    with.declare::<Announce>();
    with.module(listen);
    with.build().unwrap().dispatch(&Context::new(), Announce).await.unwrap();
    assert_eq!(log.entries(), ["listened"]);
}

#[test]
fn nothing_else_is_asked_of_an_optional_listener_without_its_event() {
    let mut core = Core::builder();
    core.event::<CountUsers>()
        .before(check.priority(1).optional().after_listener("captcha"))
        .before(check.optional())
        .override_default(forty_two.optional())
        .after(remind.optional());

    assert!(core.build().is_ok());
}

#[test]
fn an_override_of_an_undeclared_event_is_one_defect() {
    let mut core = Core::builder();
    core.event::<CountUsers>().override_default(forty_two);

    let error = core.build().unwrap_err();

    assert!(
        matches!(error.defects(), [Defect::UndeclaredEvent { listeners, .. }] if listeners[0].0.ends_with("forty_two")),
        "{error}"
    );
}

#[test]
fn an_optional_listener_does_not_excuse_another_one() {
    let mut core = Core::builder();
    core.event::<CountUsers>().before(check.optional()).after(remind);

    let error = core.build().unwrap_err();

    assert!(
        matches!(error.defects(), [Defect::UndeclaredEvent { listeners, .. }] if listeners[0].0.ends_with("remind")),
        "{error}"
    );
}

#[test]
fn same_listener_name_twice_fails_the_build() {
    let mut core = Core::builder();
    core.declare::<CountUsers>().default(forty_two).before(check.priority(1)).before(check);

    let error = core.build().unwrap_err();

    let [Defect::ListenerTwice { event, phase, listener, first, second }] = error.defects() else {
        panic!("{error}")
    };
    assert_eq!((*event, *phase), ("CountUsers", PhaseName::Before));
    assert_eq!(listener, "wiring::sealing::check");
    assert!(first <= second);
    assert!(error.to_string().contains("give one a name with `.named"), "{error}");
}

#[test]
fn the_same_given_name_twice_fails_the_build() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .before(log.before("one").named("captcha"))
        .before(log.before("two").named("captcha"))
        .after(log.after("another phase").named("captcha"));

    let error = core.build().unwrap_err();

    assert!(
        matches!(error.defects(), [Defect::ListenerTwice { phase: PhaseName::Before, .. }]),
        "{error}"
    );
}

#[tokio::test]
async fn one_listener_under_two_names_or_two_closures_are_fine() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .before(check)
        .before(check.named("check again"))
        .before(log.before("one"))
        .before(log.before("two"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CountUsers).await.unwrap();

    assert_eq!(log.entries(), ["one", "two"]);
}

#[test]
fn an_event_that_is_declared_twice_fails_the_build() {
    let mut core = Core::builder();
    core.declare::<Announce>();
    let line = line!() - 1;
    core.declare::<Announce>();

    let error = core.build().unwrap_err();

    let [Defect::EventDeclaredTwice { event: "Announce", first, second }] = error.defects() else {
        panic!("{error}")
    };
    assert_eq!((first.line, second.line), (line, line + 2));
}

/// A module with a name of its own.
struct Users;

impl Module for Users {
    fn name(&self) -> &'static str {
        "users"
    }

    fn register(self, core: &mut CoreBuilder) {
        core.declare::<CountUsers>().default(forty_two);
    }
}

#[test]
fn all_defects_are_reported_at_once() {
    let log = Log::new();
    let mut core = Core::builder();
    core.module(Users).module(Users);
    core.provide::<dyn Mailer>(Arc::new(Seven)).provide::<dyn Mailer>(Arc::new(Seven));
    core.declare::<CreateUserProcess>();
    core.declare::<CreateUserProcess>();
    core.event::<CountUsers>()
        .default(forty_three)
        .override_default(forty_three)
        .override_default(forty_four)
        .before(check)
        .before(check)
        .observe(Report::new)
        .after(log.after("a").named("a").before_listener("b"))
        .after(log.after("b").named("b").before_listener("a"))
        .after(log.after("c").named("c").before_listener("nobody"));
    core.event::<Announce>().before(log.before("lost").named("lost"));

    let error = core.build().unwrap_err();

    expect![[r#"
        the wiring has 11 defects:

        1. the module `users` is added twice
           sealing.rs: here
           sealing.rs: and here
           remove one

        2. `dyn wiring::sealing::Mailer` is provided twice
           sealing.rs: here
           sealing.rs: and here
           remove one

        3. `CreateUserProcess` is declared twice
           sealing.rs: here
           sealing.rs: and here
           use `core.event::<CreateUserProcess>()` to listen to an event that is declared already

        4. `CountUsers` has two default actions
           sealing.rs: wiring::sealing::forty_two
           sealing.rs: wiring::sealing::forty_three
           remove one; to replace a module's on purpose, register yours with `override_default`

        5. `CountUsers` has two default actions
           sealing.rs: wiring::sealing::forty_three
           sealing.rs: wiring::sealing::forty_four
           remove one; to replace a module's on purpose, register yours with `override_default`

        6. `wiring::sealing::check` is registered twice, to `CountUsers`, phase before
           sealing.rs: here
           sealing.rs: and here
           remove one; if both are meant, give one a name with `.named("..")`

        7. `c` on `CountUsers`, phase after, is ordered by the name `nobody`, which nobody has
           sealing.rs: registered here
           the names are: a, b, c

        8. the listeners of `CountUsers`, phase after, are ordered in a circle: b > a > b
           sealing.rs: one of them is registered here
           remove one of these orders

        9. no module declares `Announce`, to which listeners were registered
           sealing.rs: lost
           add the module that owns the event; if it is yours, use `core.declare::<Announce>()`; if it may be missing, add `.optional()`

        10. `CreateUserProcess` is a process, and nothing gives it a unit of work
           sealing.rs: declared here
           add `.units_of_work(..)` to the builder, with the one of your database's bridge

        11. nothing provides `dyn wiring::sealing::Clock`
           sealing.rs: `wiring::sealing::Report` on `CountUsers` asks for it
           add `.provide::<dyn Clock>(Arc::new(..))` to the builder"#]].assert_eq(&text_of(&error, file!()));
    for line in error.to_string().lines().filter(|line| line.contains(file!())) {
        let (_, number) = line.split_once(":").unwrap();
        assert!(number.starts_with(|c: char| c.is_ascii_digit()), "file and line: {line}");
    }
}

type Boxed = Box<dyn Fn(Before<'_, CountUsers>) -> Result<()> + Send + Sync>;

/// A functor with a setting.
struct AtMost(u32);

impl Listener<Before<'_, CountUsers>> for AtMost {
    async fn call(&self, _: Before<'_, CountUsers>) -> Result<()> {
        assert!(self.0 > 0);
        Ok(())
    }
}

impl AtMost {
    fn three() -> Self {
        Self(3)
    }

    fn five() -> Self {
        Self(5)
    }
}

#[test]
fn core_14_listeners_of_one_type_are_different_listeners() {
    fn other(_: Before<'_, CountUsers>) -> Result<()> {
        Ok(())
    }

    let pointers: [fn(Before<'_, CountUsers>) -> Result<()>; 2] = [check, other];
    let boxes: [Boxed; 2] = [Box::new(check), Box::new(other)];
    let mut core = Core::builder();
    core.declare::<CountUsers>().default(forty_two);
    for pointer in pointers {
        core.event::<CountUsers>().before(pointer);
    }
    for boxed in boxes {
        core.event::<CountUsers>().before(boxed);
    }
    core.event::<CountUsers>()
        .before(AtMost(3))
        .before(AtMost(5))
        .before(AtMost::three)
        .before(AtMost::five);

    let core = core.build().unwrap();

    assert_eq!(core.describe().events[0].listeners.len(), 9);
}

#[test]
fn core_14_one_function_or_constructor_registered_twice_is_still_found() {
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .before(check)
        .before(check)
        .before(AtMost::three)
        .before(AtMost::three);

    let error = core.build().unwrap_err();

    assert!(
        matches!(error.defects(), [Defect::ListenerTwice { .. }, Defect::ListenerTwice { .. }]),
        "{error}"
    );
}

#[test]
fn core_14_a_name_that_two_listeners_have_orders_nothing() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .before(AtMost(3))
        .before(AtMost(5))
        .before(log.before("x").after_listener("wiring::sealing::AtMost"));

    let error = core.build().unwrap_err();

    assert!(
        matches!(error.defects(), [Defect::UnknownListener { ambiguous: true, .. }]),
        "{error}"
    );
}

#[test]
fn core_17_a_build_that_fails_calls_no_constructor() {
    fn wire(core: &mut CoreBuilder, made: &Log) {
        let made = made.clone();
        core.declare::<CountUsers>().default(forty_two).before(move || {
            made.add("made");
            AtMost(3)
        });
    }

    let made = Log::new();
    let mut core = Core::builder();
    wire(&mut core, &made);
    core.declare::<Announce>();
    core.event::<Announce>().before((|_: Before<'_, Announce>| Ok(())).after_listener("nobody"));
    core.build().unwrap_err();
    assert!(made.take().is_empty(), "the defect is in an event after it");

    let mut core = Core::builder();
    wire(&mut core, &made);
    core.declare::<CreateUserProcess>();
    core.build().unwrap_err();
    assert!(made.take().is_empty(), "there is no unit of work");

    let mut core = Core::builder();
    wire(&mut core, &made);
    core.build().unwrap();
    assert_eq!(made.take(), ["made"]);
}

#[tokio::test]
async fn core_08_a_second_build_gives_the_same_wiring() {
    let log = Log::new();
    let mut core = Core::builder();
    core.provide::<dyn Mailer>(Arc::new(Seven)).provide::<dyn Clock>(Arc::new(Seven));
    core.declare::<CountUsers>()
        .default(forty_two)
        .before(log.before("before"))
        .after(remind)
        .observe(Report::new);

    let first = core.build().unwrap();
    let second = core.build().unwrap();

    assert_eq!(first.describe().to_json(), second.describe().to_json());
    for core in [first, second] {
        assert_eq!(core.dispatch(&Context::new(), CountUsers).await.unwrap(), 42);
    }
    assert_eq!(log.entries(), ["before", "before"]);

    core.event::<Announce>().before(|_: Before<'_, Announce>| Ok(()));
    for _ in 0..2 {
        assert_eq!(core.build().unwrap_err().defects().len(), 1, "and the same defects");
    }
}
