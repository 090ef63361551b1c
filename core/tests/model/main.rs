//! Random wirings, run by the dispatcher and by a reference that was written from the rules.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod events;
mod failure;
mod hand;
mod reference;
#[path = "../shared/support.rs"]
#[expect(dead_code, unused_imports, reason = "the other test binaries use the rest")]
mod support;
mod system;
mod wiring;

use std::collections::BTreeSet;

use proptest::{prelude::ProptestConfig, prop_assert, prop_assert_eq, proptest, sample::Index};

use self::{
    failure::Allows,
    reference::Reference,
    system::System,
    wiring::{Wiring, wirings},
};
use crate::support::Stepper;

/// Five hundred wirings; `PROPTEST_CASES` may ask for more.
fn config() -> ProptestConfig {
    let default = ProptestConfig::default();
    ProptestConfig { cases: default.cases.max(500), failure_persistence: None, ..default }
}

proptest! {
    #![proptest_config(config())]

    /// Order, results, what is stored and when: all as the rules say, whether or not anybody watches.
    #[test]
    fn the_dispatcher_does_what_the_rules_say(wiring in wirings(), watched: bool) {
        let expected = Reference::run(&wiring);
        let actual = System::new(&wiring).run(&wiring, watched);

        prop_assert_eq!(&actual.log, &expected.log, "the log");
        prop_assert_eq!(&actual.stored, &expected.stored, "what is stored");
        let (actual, expected) = (&actual.result, &expected.result);
        prop_assert!(expected.allows(actual), "{actual:?} is not {expected:?}");
    }

    /// Wherever the future is dropped, every unit of work is committed whole or not at all.
    #[test]
    fn a_dropped_future_leaves_no_unit_of_work_half_done(wiring in wirings(), at: Index) {
        let system = System::new(&wiring);
        let steps = steps(&system, &wiring);
        let undisturbed = system.log.entries();
        let dropped_at = at.index(steps);

        let system = System::new(&wiring);
        let mut stepper = Stepper::new(system.dispatch(&wiring));
        for _ in 0..dropped_at {
            prop_assert!(stepper.step().is_none());
        }
        let reached = system.log.entries().len();
        drop(stepper);

        let log = system.log.entries();
        prop_assert_eq!(&log[..reached], &undisturbed[..reached], "as if nobody were about to go");
        let on_drop = &log[reached..];
        prop_assert!(on_drop.iter().all(|entry| entry == "rollback by drop"), "{on_drop:?}");
        let expected = what_was_committed(&log);
        let stored: BTreeSet<_> = system.store.keys().into_iter().collect();
        prop_assert_eq!(stored, expected);
    }
}

/// How many polls a run takes.
fn steps(system: &System, wiring: &Wiring) -> usize {
    let mut stepper = Stepper::new(system.dispatch(wiring));
    (1..).find(|_| stepper.step().is_some()).unwrap()
}

/// Reads from a journal which keys were committed. Panics where a unit of work is not settled exactly once.
fn what_was_committed(journal: &[String]) -> BTreeSet<String> {
    let mut committed = BTreeSet::new();
    let mut open: Vec<Vec<Vec<String>>> = Vec::new();
    for entry in journal {
        let unit = open.last_mut();
        match entry.split_once(' ').unwrap_or((entry, "")) {
            ("begin", "") => open.push(vec![Vec::new()]),
            ("put", key) if !key.ends_with(" fails") => {
                unit.unwrap().last_mut().unwrap().push(key.to_owned());
            }
            ("savepoint", number) if !number.ends_with(" fails") => unit.unwrap().push(Vec::new()),
            ("release", number) if !number.ends_with(" fails") => {
                let unit = unit.unwrap();
                let kept = unit.pop().unwrap();
                unit.last_mut().unwrap().extend(kept);
            }
            ("rollback", place) if place.starts_with("to ") => drop(unit.unwrap().pop().unwrap()),
            ("commit", "") => committed.extend(open.pop().unwrap().concat()),
            ("commit" | "rollback", _) => drop(open.pop().unwrap()),
            _ => {}
        }
    }
    assert!(open.is_empty(), "a unit of work was left open: {journal:?}");
    committed
}
