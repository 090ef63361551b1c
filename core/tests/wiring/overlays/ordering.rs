//! The order of what runs in an overlay.

use dullahan_core::{Core, ListenerOptions as _, defect::Defect};

use super::{HashPassword, Welcome, base, order};
use crate::support::Log;

#[test]
fn order_by_name_reaches_across() {
    let log = Log::new();
    let (core, _) = base(&log);

    let north = core
        .overlay(|north| {
            north
                .event::<HashPassword>()
                .before(log.before("first").named("first").before_listener("base 10"))
                .before(log.before("last").priority(100).named("last").after_listener("base 0"));
        })
        .unwrap();

    assert_eq!(order(&north, "HashPassword")[..4], ["first", "base 10", "base 0", "last"]);
    let over = north
        .overlay(|over| {
            over.event::<HashPassword>().before(
                log.before("between")
                    .named("between")
                    .after_listener("first")
                    .before_listener("base 10"),
            );
        })
        .unwrap();
    assert_eq!(
        order(&over, "HashPassword")[..5],
        ["first", "between", "base 10", "base 0", "last"]
    );
}

#[test]
fn what_is_ordered_by_name_moves_and_the_base_keeps_its_order() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Welcome>()
        .before(log.before("a").named("a"))
        .before(log.before("b").named("b"))
        .before(log.before("c").priority(-5).named("c"));
    let core = core.build().unwrap();

    let placed = |name: &str, is_before: bool, priority: i32| {
        let overlay = core.overlay(|overlay| {
            let x = log.before("x").priority(priority).named("x");
            let x = if is_before { x.before_listener(name) } else { x.after_listener(name) };
            overlay.event::<Welcome>().before(x);
        });
        order(&overlay.unwrap(), "Welcome").join(" ")
    };

    assert_eq!(placed("a", true, -10), "x a b c");
    assert_eq!(placed("b", true, -10), "a x b c");
    assert_eq!(placed("c", true, -10), "a b x c");
    assert_eq!(placed("c", true, 10), "x a b c", "it is before it already");
    assert_eq!(placed("a", false, 10), "a x b c");
    assert_eq!(placed("c", false, 10), "a b c x");
    assert_eq!(placed("a", false, -10), "a b c x", "it is after it already");
}

/// Orders by name in the base are kept as they were resolved, whatever they made wait for what.
#[test]
fn the_order_of_the_base_is_the_same_after_it_was_opened_again() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Welcome>()
        .before(log.before("late").named("late").after_listener("lowest"))
        .before(log.before("early").named("early"))
        .before(log.before("before late").priority(-5).named("before late").before_listener("late"))
        .before(
            log.before("before early").priority(-6).named("before early").before_listener("early"),
        )
        .before(log.before("lowest").priority(-10).named("lowest"));
    let core = core.build().unwrap();
    let expected = order(&core, "Welcome");

    let mut overlay = core.clone();
    for _ in 0..4 {
        overlay = overlay
            .overlay(|overlay| {
                overlay.event::<Welcome>().after(log.after("another"));
            })
            .unwrap();
        assert_eq!(order(&overlay, "Welcome")[..5], expected);
    }
}

#[test]
fn an_overlay_of_nothing_is_the_same_wiring() {
    let log = Log::new();
    let (core, _) = base(&log);

    let same = core.overlay(|_| {}).unwrap();
    let again = same.overlay(|_| {}).unwrap();

    assert_eq!(same.describe().to_json(), core.describe().to_json());
    assert_eq!(again.describe().to_json(), core.describe().to_json());
}

mod left {
    use dullahan_core::{Before, Result};

    pub(super) fn check(_: Before<'_, super::Welcome>) -> Result<()> {
        Ok(())
    }
}

mod right {
    use dullahan_core::{Before, Result};

    pub(super) fn check(_: Before<'_, super::Welcome>) -> Result<()> {
        Ok(())
    }
}

#[test]
fn core_15_an_overlay_does_not_change_what_the_base_ordered_by_name() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Welcome>()
        .before(log.before("last").named("last").after_listener("check"))
        .before(left::check);
    let core = core.build().unwrap();

    let overlay = core
        .overlay(|overlay| {
            overlay.event::<Welcome>().before(right::check.priority(-5));
        })
        .unwrap();
    let named_alike = core
        .overlay(|overlay| {
            overlay.event::<Welcome>().before(log.before("check").priority(-5).named("check"));
        })
        .unwrap();

    let of_base = ["wiring::overlays::ordering::left::check", "last"];
    assert_eq!(order(&core, "Welcome"), of_base);
    assert_eq!(order(&overlay, "Welcome")[..2], of_base);
    assert_eq!(order(&overlay, "Welcome")[2], "wiring::overlays::ordering::right::check");
    assert_eq!(order(&named_alike, "Welcome")[..2], of_base);

    let error = overlay.overlay(|overlay| {
        overlay.event::<Welcome>().before(log.before("x").after_listener("check"));
    });
    let error = error.unwrap_err();
    assert!(
        matches!(error.defects(), [Defect::UnknownListener { ambiguous: true, .. }]),
        "what the overlay itself says is ambiguous: {error}"
    );
}
