//! What is wrong with an overlay.

use std::sync::Arc;

use dullahan_core::{Before, Core, CoreBuilder, ListenerOptions as _, Result, defect::Defect};

use super::{HashPassword, Welcome, base, greet};
use crate::support::Log;

fn check(_: Before<'_, HashPassword>) -> Result<()> {
    Ok(())
}

/// The defect that laying this over the base ends with.
fn defect(core: &Core, change: impl FnOnce(&mut CoreBuilder)) -> Defect {
    let error = core.overlay(change).unwrap_err();
    let [defect] = error.defects() else { panic!("{error}") };
    defect.clone()
}

#[test]
fn the_defects_of_an_overlay_are_found_as_ever() {
    let log = Log::new();
    let (core, store) = base(&log);
    let core = core.overlay(|core| {
        core.event::<HashPassword>().before(check);
    });
    let core = core.unwrap();

    let second = log.perform::<HashPassword>("second", 2);
    let found = defect(&core, |core| {
        core.event::<HashPassword>().default(second.named("second"));
    });
    let Defect::TwoDefaults { first, second, .. } = &found else { panic!("{found}") };
    assert_eq!((first.0.as_str(), second.0.as_str()), ("argon", "second"));
    assert!(first.1.file.ends_with("overlays.rs") && first.1 < second.1, "{found}");

    let found = defect(&core, |core| {
        core.event::<HashPassword>().before(check);
    });
    assert!(
        matches!(&found, Defect::ListenerTwice { listener, .. } if listener.ends_with("check"))
    );

    let found = defect(&core, |core| {
        core.event::<HashPassword>().before(log.before("x").after_listener("nobody"));
    });
    let Defect::UnknownListener { known, .. } = &found else { panic!("{found}") };
    assert!(known.iter().any(|name| name == "base 10"), "{found}");

    let found = defect(&core, |core| {
        core.event::<HashPassword>()
            .before(log.before("x").before_listener("base 10").after_listener("base 0").named("x"))
            .before(log.before("y").named("y").before_listener("x").after_listener("x"));
    });
    assert!(matches!(found, Defect::OrderingCycle { .. }), "{found}");

    let found = defect(&core, |core| {
        core.event::<HashPassword>().before(greet);
    });
    assert!(matches!(found, Defect::MissingService { .. }), "{found}");

    let found = defect(&core, |core| {
        core.event::<Welcome>().before(log.before("x"));
    });
    assert!(matches!(found, Defect::UndeclaredEvent { .. }), "{found}");

    let found = defect(&core, |core| {
        core.declare::<HashPassword>();
    });
    assert!(matches!(found, Defect::EventDeclaredTwice { .. }), "{found}");

    let found = defect(&core, |core| {
        core.provide(Arc::new(log.clone()));
    });
    assert!(matches!(found, Defect::ServiceTwice { .. }), "{found}");

    let found = defect(&core, |core| {
        core.units_of_work(store.provider());
    });
    assert!(matches!(found, Defect::ServiceTwice { .. }), "{found}");
}

#[test]
fn a_module_of_the_base_cannot_be_added_again() {
    fn nothing(_: &mut CoreBuilder) {}

    let mut core = Core::builder();
    core.module(nothing);
    let core = core.build().unwrap();

    let found = defect(&core, |core| {
        core.module(nothing);
    });

    assert!(matches!(found, Defect::ModuleTwice { .. }), "{found}");
}

#[test]
fn a_failed_overlay_leaves_the_base_as_it_is() {
    let log = Log::new();
    let (core, _) = base(&log);
    let before = core.describe().to_json();

    core.overlay(|core| {
        core.declare::<HashPassword>();
    })
    .unwrap_err();

    assert_eq!(core.describe().to_json(), before);
}
