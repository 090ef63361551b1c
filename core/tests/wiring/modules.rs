//! Modules, and the description of what they wired.

use std::sync::Arc;

use dullahan_core::{
    Before, Core, CoreBuilder, DefaultAction, Event, ListenerOptions as _, Module, Process, Result,
    defect::Defect, event::Kind, phase::PhaseName, service::Services,
};

use crate::support::{Log, MemoryStore};

#[derive(Event)]
#[event(output = u32, preventable)]
struct CountUsers;

#[derive(Event)]
struct Announce;

#[derive(Process)]
struct CreateUserProcess;

fn forty_two(_: DefaultAction<'_, CountUsers>) -> Result<u32> {
    Ok(42)
}

fn check(_: Before<'_, CountUsers>) -> Result<()> {
    Ok(())
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
fn a_module_that_is_added_twice_fails_the_build_and_nothing_else_does() {
    let mut core = Core::builder();
    core.module(Users).module(Users);

    let error = core.build().unwrap_err();

    assert!(matches!(error.defects(), [Defect::ModuleTwice { module: "users", .. }]), "{error}");
}

#[test]
fn two_closures_are_two_modules() {
    let mut core = Core::builder();
    core.module(|core: &mut CoreBuilder| {
        core.declare::<Announce>();
    });
    core.module(|core: &mut CoreBuilder| {
        core.declare::<CountUsers>().default(forty_two);
    });

    assert_eq!(core.build().unwrap().describe().events.len(), 2);
}

#[test]
fn a_module_may_add_the_modules_it_needs() {
    struct Shop;

    impl Module for Shop {
        fn name(&self) -> &'static str {
            "shop"
        }

        fn register(self, core: &mut CoreBuilder) {
            core.declare::<Announce>();
            core.module(Users);
            core.event::<CountUsers>().before(check);
        }
    }

    let core = Core::builder().module(Shop).build().unwrap();

    let description = core.describe();
    assert_eq!(description.modules, ["shop", "users"]);
    let declared: Vec<_> =
        description.events.iter().map(|event| (event.name, event.module)).collect();
    assert_eq!(declared, [("Announce", "shop"), ("CountUsers", "users")]);
    let listeners = description.events[1].listeners.iter();
    let registered: Vec<_> = listeners.map(|one| (one.phase, one.module)).collect();
    assert_eq!(registered, [(PhaseName::Before, "shop"), (PhaseName::Default, "users")]);
}

#[test]
fn a_module_reports_what_is_wrong_with_its_own_set_up() {
    struct Misconfigured;

    impl Module for Misconfigured {
        fn name(&self) -> &'static str {
            "users"
        }

        fn register(self, core: &mut CoreBuilder) {
            core.report("the pepper is empty");
        }
    }

    let error = Core::builder().module(Misconfigured).build().unwrap_err();

    let [Defect::Reported { module, problem, place }] = error.defects() else { panic!("{error}") };
    assert_eq!((*module, problem.as_str()), ("users", "the pepper is empty"));
    assert!(place.file.ends_with("modules.rs"));
}

#[test]
fn user_17_a_module_checks_its_settings_against_services_that_are_provided_later() {
    /// How long a mail takes.
    struct Mailer(u32);

    fn users(core: &mut CoreBuilder) {
        core.verify(|services: &Services| {
            let slow = services.get::<Mailer>().filter(|mailer| mailer.0 > 30);
            slow.map(|mailer| format!("a mail takes {} seconds", mailer.0)).into_iter().collect()
        });
    }

    let error = Core::builder().module(users).provide(Arc::new(Mailer(45))).build().unwrap_err();
    let [Defect::Reported { module, problem, place }] = error.defects() else { panic!("{error}") };
    assert!(module.ends_with("users"), "{module}");
    assert_eq!(problem, "a mail takes 45 seconds");
    assert!(place.file.ends_with("modules.rs"));

    Core::builder().module(users).provide(Arc::new(Mailer(30))).build().unwrap();
    let core = Core::builder().module(users).build().unwrap();
    core.overlay(|tenant| {
        tenant.provide(Arc::new(Mailer(30)));
    })
    .unwrap();
    let slow = core.overlay(|tenant| {
        tenant.provide(Arc::new(Mailer(45)));
    });
    assert!(slow.unwrap_err().to_string().contains("45 seconds"));
}

#[test]
fn the_description_names_every_event_with_what_runs_in_order() {
    let log = Log::new();
    let mut core = Core::builder();
    core.units_of_work(MemoryStore::new(&log).provider());
    core.module(Users);
    core.declare::<CreateUserProcess>()
        .rolled_back(log.rolled_back("r").named("r"))
        .committed(log.committed("c").named("c"))
        .observe(log.observe("o").named("o"))
        .after(log.after("a").priority(5).named("a").when(|_| true))
        .before(log.before("b").priority(-5).named("b"));

    let description = core.build().unwrap().describe();

    let create = &description.events[1];
    assert_eq!(
        (create.name, create.kind, create.preventable),
        ("CreateUserProcess", Kind::Process, false)
    );
    assert_eq!(create.type_name, "wiring::modules::CreateUserProcess");
    let listeners: Vec<_> = create
        .listeners
        .iter()
        .map(|one| (one.name.as_str(), one.phase.as_str(), one.priority.value(), one.conditional))
        .collect();
    assert_eq!(
        listeners,
        [
            ("b", "before", -5, false),
            ("a", "after", 5, true),
            ("o", "observe", 0, false),
            ("c", "committed", 0, false),
            ("r", "rolled back", 0, false),
        ]
    );
}

#[test]
fn core_14_modules_without_a_name_of_their_own_are_different_modules() {
    type BoxedModule = Box<dyn FnOnce(&mut CoreBuilder)>;

    fn announce(core: &mut CoreBuilder) {
        core.declare::<Announce>();
    }

    fn count(core: &mut CoreBuilder) {
        core.declare::<CountUsers>().default(forty_two);
    }

    let pointers: [fn(&mut CoreBuilder); 2] = [announce, count];
    let boxes: [BoxedModule; 2] = [Box::new(announce), Box::new(count)];
    let (mut of_pointers, mut of_boxes) = (Core::builder(), Core::builder());
    for pointer in pointers {
        of_pointers.module(pointer);
    }
    for module in boxes {
        of_boxes.module(module);
    }

    for core in [of_pointers, of_boxes] {
        assert_eq!(core.build().unwrap().describe().events.len(), 2);
    }
    let error = Core::builder().module(count).module(count).build().unwrap_err();
    assert!(
        error.defects().iter().any(|one| matches!(one, Defect::ModuleTwice { .. })),
        "the same function is still the same module: {error}"
    );
}
