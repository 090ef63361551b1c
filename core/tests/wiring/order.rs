//! The order of listeners inside of a phase.

use dullahan_core::{
    Before, Context, Core, Event, ListenerOptions as _, Priority, Result, defect::Defect,
    phase::PhaseName,
};
use expect_test::expect;

use crate::support::Log;

#[derive(Event)]
struct Announce;

#[tokio::test]
async fn higher_priority_runs_first() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .before(log.before("0"))
        .before(log.before("-10").priority(-10))
        .before(log.before("10").priority(10))
        .before(log.before("last").priority(Priority::LAST))
        .before(log.before("first").priority(Priority::FIRST))
        .before(log.before("257").priority(Priority::new(257)))
        .before(log.before("min").priority(i32::MIN))
        .before(log.before("max").priority(i32::MAX))
        .after(log.after("after -10").priority(-10))
        .after(log.after("after 10").priority(10));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), Announce).await.unwrap();

    assert_eq!(
        log.entries(),
        ["max", "257", "first", "10", "0", "-10", "last", "min", "after 10", "after -10"]
    );
}

#[tokio::test]
async fn equal_priority_is_first_in_first_out() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .before(log.before("a"))
        .before(log.before("one").priority(1))
        .before(log.before("b"))
        .observe(log.observe("x"))
        .observe(log.observe("y"))
        .committed(log.committed("p"))
        .committed(log.committed("q"));
    core.event::<Announce>().before(log.before("c")).before(log.before("two").priority(1));
    core.module(|core: &mut dullahan_core::CoreBuilder| {
        core.event::<Announce>().before(log.before("d"));
    });
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), Announce).await.unwrap();

    assert_eq!(
        log.entries(),
        ["one", "two", "a", "b", "c", "d", "x: completed", "y: completed", "p", "q"]
    );
}

#[tokio::test]
async fn listening_before_the_module_that_declares_keeps_the_order_of_registration() {
    let log = Log::new();
    let mut core = Core::builder();
    core.event::<Announce>().before(log.before("application"));
    core.declare::<Announce>().before(log.before("module"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), Announce).await.unwrap();

    assert_eq!(log.entries(), ["application", "module"]);
}

#[tokio::test]
async fn sync_and_async_listeners_keep_one_order() {
    async fn waits(_: Before<'_, Announce>, log: dullahan_core::Inject<'_, Log>) -> Result<()> {
        crate::support::pause().await;
        log.add("async");
        Ok(())
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.provide(std::sync::Arc::new(log.clone()));
    core.declare::<Announce>()
        .before(log.before("sync"))
        .before(waits)
        .before(log.before("sync again"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), Announce).await.unwrap();

    assert_eq!(log.entries(), ["sync", "async", "sync again"]);
}

#[tokio::test]
async fn order_by_name() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .before(log.before("A").named("A"))
        .before(log.before("B").named("B").before_listener("A"))
        .before(log.before("C").named("C").before_listener("A").before_listener("B"))
        .before(log.before("D").named("D").before_listener("B"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), Announce).await.unwrap();

    assert_eq!(log.entries(), ["C", "D", "B", "A"]);
}

#[tokio::test]
async fn order_by_name_wins_over_priority_and_moves_as_little_as_that_takes() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .before(log.before("a").priority(30).named("a"))
        .before(log.before("b").priority(20).named("b").after_listener("d"))
        .before(log.before("c").priority(10).named("c"))
        .before(log.before("d").named("d"))
        .before(log.before("e").priority(-10).named("e"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), Announce).await.unwrap();

    assert_eq!(log.entries(), ["a", "c", "d", "b", "e"]);
}

mod billing {
    use super::{Announce, Before, Result};

    pub(super) fn check(_: Before<'_, Announce>) -> Result<()> {
        Ok(())
    }
}

mod shipping {
    use super::{Announce, Before, Result};

    pub(super) fn check(_: Before<'_, Announce>) -> Result<()> {
        Ok(())
    }
}

#[test]
fn a_listener_is_found_by_the_last_parts_of_its_path() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>().before(billing::check).before(shipping::check).before(
        log.before("mine")
            .named("mine")
            .before_listener("shipping::check")
            .after_listener("wiring::order::billing::check"),
    );
    let core = core.build().unwrap();

    let names: Vec<_> =
        core.describe().events[0].listeners.iter().map(|one| one.name.clone()).collect();
    assert_eq!(names, ["wiring::order::billing::check", "mine", "wiring::order::shipping::check"]);
}

#[test]
fn unknown_name_in_order_is_a_build_error() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .before(log.before("captcha").named("captcha"))
        .before(log.before("mine").named("mine").after_listener("capcha"));

    let error = core.build().unwrap_err();

    let [Defect::UnknownListener { listener, wanted, ambiguous, known, place, .. }] =
        error.defects()
    else {
        panic!("{error}")
    };
    assert_eq!((listener.as_str(), wanted.as_str(), *ambiguous), ("mine", "capcha", false));
    assert_eq!(known, &["captcha", "mine"]);
    assert!(place.file.ends_with("tests/wiring/order.rs"), "{place}");
    assert!(error.to_string().contains("which nobody has"), "{error}");
}

#[test]
fn a_name_that_only_another_phase_has_is_unknown() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .after(log.after("captcha").named("captcha"))
        .before(log.before("mine").after_listener("captcha"));

    let error = core.build().unwrap_err();

    assert!(matches!(error.defects(), [Defect::UnknownListener { .. }]), "{error}");
}

#[test]
fn an_ambiguous_name_in_order_is_a_build_error() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .before(billing::check)
        .before(shipping::check)
        .before(log.before("mine").named("mine").after_listener("check"));

    let error = core.build().unwrap_err();

    let [Defect::UnknownListener { wanted, ambiguous: true, .. }] = error.defects() else {
        panic!("{error}")
    };
    assert_eq!(wanted, "check");
    assert!(error.to_string().contains("which several listeners have"), "{error}");
}

#[test]
fn cyclic_order_is_a_build_error() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .after(log.after("apart").named("apart"))
        .after(log.after("a").named("a").before_listener("b"))
        .after(log.after("b").named("b").before_listener("c"))
        .after(log.after("c").named("c").before_listener("a"));

    let error = core.build().unwrap_err();

    let [Defect::OrderingCycle { event, phase, cycle, .. }] = error.defects() else {
        panic!("{error}")
    };
    assert_eq!((*event, *phase), ("Announce", PhaseName::After));
    let start = cycle.iter().position(|name| name == "a").unwrap();
    let from_a: Vec<_> = cycle.iter().cycle().skip(start).take(cycle.len()).collect();
    assert_eq!(from_a, ["a", "b", "c"], "named in the order in which they were to run");
}

#[test]
fn a_listener_that_is_ordered_by_itself_is_a_cycle() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>().before(log.before("a").named("a").after_listener("a"));

    let error = core.build().unwrap_err();

    assert!(
        matches!(error.defects(), [Defect::OrderingCycle { cycle, .. }] if cycle == &["a"]),
        "{error}"
    );
}

#[test]
fn the_cycle_is_printed_with_what_to_do() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .before(log.before("a").named("a").before_listener("b"))
        .before(log.before("b").named("b").before_listener("a"));

    let text = core.build().unwrap_err().to_string();

    let lines: Vec<_> = text.lines().filter(|line| !line.contains("order.rs")).collect();
    expect![[r#"
        the wiring has 1 defect:

        1. the listeners of `Announce`, phase before, are ordered in a circle: b > a > b
           remove one of these orders"#]]
    .assert_eq(&lines.join("\n"));
}
