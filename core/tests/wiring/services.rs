//! Services, and listeners that ask for them.

use std::sync::Arc;

use dullahan_core::{
    After, Core, CoreBuilder, DefaultAction, Event, Inject, Listener, ListenerOptions as _,
    Observe, Process, Result,
    defect::{Defect, ProvidedBy},
    unit_of_work::UnitOfWorkProvider,
};

use crate::support::{Log, MemoryStore};

#[derive(Event)]
#[event(output = u32, preventable)]
struct CountUsers;

#[derive(Process)]
struct StoreProcess;

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

#[test]
fn missing_service_fails_the_build() {
    let mut core = Core::builder();
    core.provide::<dyn Clock>(Arc::new(Seven));
    core.declare::<CountUsers>().default(forty_two).after(remind).observe(Report::new);

    let error = core.build().unwrap_err();

    let [Defect::MissingService { ports, asked_by, provided_by: None, .. }] = error.defects()
    else {
        panic!("{error}")
    };
    assert_eq!(*ports, ["dyn wiring::services::Mailer"], "the clock is there");
    let asking: Vec<_> = asked_by.iter().map(|one| one.listener.as_str()).collect();
    assert_eq!(asking, ["wiring::services::remind", "wiring::services::Report"]);
    assert!(error.to_string().contains("add `.provide::<dyn Mailer>(Arc::new(..))`"), "{error}");
}

#[test]
fn a_service_of_the_adapters_type_is_not_one_of_the_port() {
    let mut core = Core::builder();
    core.provide(Arc::new(Seven));
    core.declare::<CountUsers>().default(forty_two).after(remind);

    let error = core.build().unwrap_err();

    assert!(matches!(error.defects(), [Defect::MissingService { .. }]), "{error}");
}

#[test]
fn a_missing_service_of_an_optional_listener_without_its_event_is_no_defect() {
    let mut core = Core::builder();
    core.event::<CountUsers>().after(remind.optional());

    assert!(core.build().is_ok());
}

#[test]
fn a_service_that_is_provided_later_is_there() {
    let mut core = Core::builder();
    core.declare::<CountUsers>().default(forty_two).after(remind).observe(Report::new);
    core.provide::<dyn Mailer>(Arc::new(Seven)).provide::<dyn Clock>(Arc::new(Seven));

    let core = core.build().unwrap();

    assert_eq!(core.services().get::<dyn Mailer>().unwrap().sent(), 7);
    assert_eq!(
        core.services().names(),
        ["dyn wiring::services::Clock", "dyn wiring::services::Mailer"]
    );
    assert!(core.services().get::<Seven>().is_none());
}

#[test]
fn two_services_of_one_port_fail_the_build() {
    let log = Log::new();
    let mut core = Core::builder();
    core.provide::<dyn Mailer>(Arc::new(Seven)).provide::<dyn Mailer>(Arc::new(Seven));
    core.units_of_work(MemoryStore::new(&log).provider());
    core.units_of_work(MemoryStore::new(&log).provider());

    let error = core.build().unwrap_err();

    let ports: Vec<_> = error
        .defects()
        .iter()
        .map(|defect| match defect {
            Defect::ServiceTwice { port, .. } => *port,
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(ports, ["dyn wiring::services::Mailer", "dyn UnitOfWorkProvider"]);
}

#[test]
fn new_03_what_one_line_provides_is_one_defect() {
    const ADAPTERS: ProvidedBy = ProvidedBy::new("sevens", ".module(sevens::module())");

    fn counting(core: &mut CoreBuilder) {
        core.expects::<dyn Mailer>(ADAPTERS)
            .expects::<dyn Clock>(ADAPTERS)
            .expects::<dyn UnitOfWorkProvider>(ADAPTERS);
        core.declare::<CountUsers>()
            .default(forty_two)
            .after(remind)
            .after(remind.named("second"))
            .after(remind.named("third"))
            .observe(Report::new);
        core.declare::<StoreProcess>();
    }

    let error = Core::builder().module(counting).build().unwrap_err();

    let [Defect::MissingService { ports, asked_by, provided_by: Some(ADAPTERS), .. }] =
        error.defects()
    else {
        panic!("{error}")
    };
    assert_eq!(
        *ports,
        [
            "dyn wiring::services::Mailer",
            "dyn wiring::services::Clock",
            "dyn dullahan_core::dispatch::unit_of_work::UnitOfWorkProvider",
        ]
    );
    assert_eq!(asked_by.len(), 4);
    let text = error.to_string();
    assert!(text.contains("`second` on `CountUsers` asks for them"), "{text}");
    assert!(text.contains("and 1 more listener\n"), "{text}");
    assert!(
        text.ends_with(
            "add `.module(sevens::module())` to the builder; it comes from the crate `sevens`"
        ),
        "{text}"
    );

    let mut core = Core::builder();
    core.provide::<dyn Mailer>(Arc::new(Seven)).provide::<dyn Clock>(Arc::new(Seven));
    let error = core.module(counting).build().unwrap_err();
    assert!(
        matches!(
            error.defects(),
            [Defect::NoUnitOfWork { provided_by: Some(ADAPTERS), process: "StoreProcess", .. }]
        ),
        "{error}"
    );
    assert!(error.to_string().contains("`.module(sevens::module())`"), "{error}");
}

struct Nine;

impl Mailer for Nine {
    fn sent(&self) -> u32 {
        9
    }
}

fn mails(core: &mut CoreBuilder) {
    core.provide::<dyn Mailer>(Arc::new(Seven));
    core.declare::<CountUsers>().default(
        |_: DefaultAction<'_, CountUsers>, mailer: Inject<'_, dyn Mailer>| Ok(mailer.sent()),
    );
}

async fn count(core: &Core) -> u32 {
    core.dispatch(&dullahan_core::Context::new(), CountUsers).await.unwrap()
}

#[tokio::test]
async fn a_service_is_overridden_on_purpose_whatever_comes_first() {
    for is_first in [true, false] {
        let mut core = Core::builder();
        if is_first {
            core.override_service::<dyn Mailer>(Arc::new(Nine)).module(mails);
        } else {
            core.module(mails).override_service::<dyn Mailer>(Arc::new(Nine));
        }
        let core = core.build().unwrap();
        assert_eq!(count(&core).await, 9);
        let description = core.describe();
        let [overridden] = description.overridden.as_slice() else { panic!("one is") };
        assert!(overridden.port.ends_with("Mailer"), "{}", overridden.port);
        assert_eq!(overridden.module, "application");
        assert!(description.to_string().contains("is overridden by application at"));
        assert!(description.to_markdown().contains("is overridden by"));
    }
}

#[tokio::test]
async fn an_overlay_overrides_a_service_for_itself_alone() {
    let base = Core::builder().module(mails).build().unwrap();
    assert_eq!(count(&base).await, 7);
    let overlay = base.overlay(|core| {
        core.override_service::<dyn Mailer>(Arc::new(Nine));
    });
    let overlay = overlay.unwrap();
    assert_eq!((count(&overlay).await, count(&base).await), (9, 7));
    assert_eq!(overlay.services().get::<dyn Mailer>().unwrap().sent(), 9);
    assert_eq!(base.services().get::<dyn Mailer>().unwrap().sent(), 7);
}

#[test]
fn what_nobody_provides_cannot_be_overridden_and_nothing_twice() {
    let mut core = Core::builder();
    core.override_service::<dyn Clock>(Arc::new(Seven));
    core.module(mails);
    core.override_service::<dyn Mailer>(Arc::new(Nine));
    core.override_service::<dyn Mailer>(Arc::new(Seven));
    let error = core.build().unwrap_err();
    let defects = error.defects();
    assert_eq!(defects.len(), 2, "{error}");
    assert!(matches!(defects[0], Defect::NoServiceToOverride { .. }), "{error}");
    assert!(matches!(defects[1], Defect::ServiceTwice { .. }), "{error}");
}
