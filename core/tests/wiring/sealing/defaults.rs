//! One default action for each event, and overrides of it.

use dullahan_core::{Context, Core, CoreBuilder, defect::Defect, phase::PhaseName};
use expect_test::expect;

use super::{CountUsers, forty_four, forty_three, forty_two, text_of};
use crate::support::Log;

#[test]
fn two_defaults_fail_the_build() {
    let mut core = Core::builder();
    core.declare::<CountUsers>().default(forty_two).default(forty_three);

    let error = core.build().unwrap_err();

    let [Defect::TwoDefaults { event, first, second }] = error.defects() else { panic!("{error}") };
    assert_eq!(*event, "CountUsers");
    assert_eq!(first.0, "wiring::sealing::forty_two");
    assert_eq!(second.0, "wiring::sealing::forty_three");
    assert!(
        first.1.file.ends_with("sealing/defaults.rs")
            && second.1.file.ends_with("sealing/defaults.rs")
    );
    expect![[r#"
        the wiring has 1 defect:

        1. `CountUsers` has two default actions
           defaults.rs: wiring::sealing::forty_two
           defaults.rs: wiring::sealing::forty_three
           remove one; to replace a module's on purpose, register yours with `override_default`"#]]
    .assert_eq(&text_of(&error, file!()));
}

#[test]
fn three_defaults_are_all_named() {
    let mut core = Core::builder();
    core.declare::<CountUsers>().default(forty_two).default(forty_three).default(forty_four);

    let text = core.build().unwrap_err().to_string();

    for name in ["forty_two", "forty_three", "forty_four"] {
        assert!(text.contains(name), "{name} is missing: {text}");
    }
}

#[tokio::test]
async fn override_default_in_the_application_is_allowed_and_shown_in_the_dump() {
    let log = Log::new();
    let module = |core: &mut CoreBuilder| {
        core.declare::<CountUsers>().default(forty_two).after(log.after("after"));
    };
    let mut core = Core::builder();
    core.event::<CountUsers>().override_default(forty_three);
    core.module(module);
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), CountUsers).await.unwrap(), 43);
    assert_eq!(log.entries(), ["after"]);
    let description = core.describe();
    let default = &description.events[0].listeners[0];
    assert_eq!((default.phase, default.module), (PhaseName::Default, "application"));
    assert_eq!(default.name, "wiring::sealing::forty_three");
    assert_eq!(default.overrides.as_deref(), Some("wiring::sealing::forty_two"));
    assert!(description.to_string().contains("forty_two"), "{description}");
}

#[test]
fn two_overrides_fail_the_build() {
    let mut core = Core::builder();
    core.declare::<CountUsers>().default(forty_two);
    core.event::<CountUsers>().override_default(forty_three).override_default(forty_four);

    let error = core.build().unwrap_err();

    let [Defect::TwoDefaults { first, second, .. }] = error.defects() else { panic!("{error}") };
    assert_eq!(first.0, "wiring::sealing::forty_three");
    assert_eq!(second.0, "wiring::sealing::forty_four");
}

#[test]
fn an_override_of_nothing_fails_the_build() {
    let mut core = Core::builder();
    core.declare::<CountUsers>().override_default(forty_three);

    let error = core.build().unwrap_err();

    assert!(
        matches!(error.defects(), [Defect::NothingToOverride { action, .. }] if action.ends_with("forty_three")),
        "{error}"
    );
}

#[test]
fn a_preventable_event_without_a_default_fails_the_build() {
    let mut core = Core::builder();
    core.declare::<CountUsers>();

    let error = core.build().unwrap_err();

    assert!(matches!(error.defects(), [Defect::NoDefault { event: "CountUsers", .. }]), "{error}");
}
