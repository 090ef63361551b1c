//! The code of `core/docs/wiring-defects.md`: each example has the defect of its heading, and prints what the page shows.

use std::sync::Arc;

use dullahan_core::{
    BeforeAny, BuildError, Core, CoreBuilder, DefaultAction, Event, ListenerOptions as _, Result,
    Wrap, builder::LinkAnchor, defect::Defect,
};

use self::greetings::{
    AlwaysSolved, Captcha, EnterGuestProcess, Greet, ask_captcha, greetings, hi, shout, trim,
};
use crate::printed;

#[expect(unreachable_pub, reason = "the page shows it as a module of its own")]
mod greetings;

const PAGE: &str = include_str!("../../docs/wiring-defects.md");

/// Checks that every defect prints what the page shows.
fn is_on_the_page(error: &BuildError) {
    error.defects().iter().for_each(|defect| printed::is_shown(PAGE, &defect.to_string()));
}

#[test]
fn every_defect_has_a_heading() {
    let source = include_str!("../../src/defect.rs");
    let (_, variants) = source.split_once("pub enum Defect {").unwrap();
    let (variants, _) = variants.split_once("\n}\n").unwrap();
    let names = variants.lines().filter_map(|line| line.strip_prefix("    ")?.strip_suffix(" {"));
    let mut seen = 0;
    for variant in names {
        let heading = format!("\n# `{variant}`\n");
        assert!(
            PAGE.contains(&heading),
            "`{variant}` has no heading in core/docs/wiring-defects.md"
        );
        seen += 1;
    }
    assert!(seen > 15, "only {seen} defects were found");
}

mod an_application {
    use dullahan_core::{BuildError, Core};

    use super::greetings;

    fn main() -> Result<(), BuildError> {
        let core = Core::builder().module(greetings).build()?;
        // Listen to the port, with `core` ..
        drop(core);
        Ok(())
    }

    #[test]
    fn it_is_sound() {
        assert!(main().is_ok());
    }
}

#[test]
fn all_defects_are_reported_together() {
    let mut core = Core::builder();
    core.event::<Greet>().before(trim);
    core.declare::<EnterGuestProcess>();
    let error = core.build().unwrap_err();
    printed::is_shown(PAGE, &format!("{error:?}"));
}

#[test]
fn two_defaults() {
    let mut core = Core::builder();
    core.module(greetings);
    core.event::<Greet>().default(hi);

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::TwoDefaults { .. }]));
    is_on_the_page(&error);
}

#[test]
fn no_default() {
    let mut core = Core::builder();
    core.declare::<Greet>();

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::NoDefault { .. }]));
    is_on_the_page(&error);
}

#[test]
fn nothing_to_override() {
    let mut core = Core::builder();
    core.declare::<Greet>().override_default(hi);

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::NothingToOverride { .. }]));
    is_on_the_page(&error);
}

#[test]
fn undeclared_event() {
    let mut core = Core::builder();
    core.event::<Greet>().before(trim);

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::UndeclaredEvent { .. }]));
    is_on_the_page(&error);
}

#[test]
fn event_declared_twice() {
    let mut core = Core::builder();
    core.module(greetings);
    core.declare::<Greet>().before(trim);

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::EventDeclaredTwice { .. }]));
    is_on_the_page(&error);
}

#[test]
fn missing_service() {
    let mut core = Core::builder();
    core.module(greetings);
    core.provide(Arc::new(AlwaysSolved)); // provides `AlwaysSolved`, and nothing else
    core.event::<Greet>().before(ask_captcha);

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::MissingService { .. }]));
    is_on_the_page(&error);
}

#[test]
fn service_twice() {
    let mut core = Core::builder();
    core.provide::<dyn Captcha>(Arc::new(AlwaysSolved));
    core.provide::<dyn Captcha>(Arc::new(AlwaysSolved));

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::ServiceTwice { .. }]));
    is_on_the_page(&error);
}

#[test]
fn listener_twice() {
    let mut core = Core::builder();
    core.module(greetings);
    core.event::<Greet>().before(trim);
    core.event::<Greet>().before(trim.priority(10));

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::ListenerTwice { .. }]));
    is_on_the_page(&error);
}

#[test]
fn unknown_listener() {
    let mut core = Core::builder();
    core.module(greetings);
    core.event::<Greet>().before(trim).before(shout.after_listener("trimm"));

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::UnknownListener { .. }]));
    is_on_the_page(&error);
}

#[test]
fn ordering_cycle() {
    let mut core = Core::builder();
    core.module(greetings);
    core.event::<Greet>()
        .before(trim.before_listener("shout"))
        .before(shout.before_listener("trim"));

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::OrderingCycle { .. }]));
    is_on_the_page(&error);
}

#[test]
fn module_twice() {
    let mut core = Core::builder();
    core.module(greetings).module(greetings);

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::ModuleTwice { .. }]));
    is_on_the_page(&error);
}

#[test]
fn no_unit_of_work() {
    let mut core = Core::builder();
    core.declare::<EnterGuestProcess>();

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::NoUnitOfWork { .. }]));
    is_on_the_page(&error);
}

#[test]
fn nothing_linked() {
    let mut core = Core::builder();
    core.module(greetings).discover_in("my_listeners");

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::NothingLinked { .. }]));
    is_on_the_page(&error);
}

mod anchor {
    pub(super) const LISTENERS: super::LinkAnchor = dullahan_core::link_anchor!();
}

#[test]
fn nothing_linked_below_an_anchor() {
    let mut core = Core::builder();
    core.module(greetings).discover_from(anchor::LISTENERS);

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::NothingLinked { anchor: Some(_), .. }]));
    is_on_the_page(&error);
}

#[test]
fn max_depth() {
    let error = Core::builder().max_depth(10_000).build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::MaxDepth { max_depth: 10_000, greatest: 32, .. }]));
    is_on_the_page(&error);
}

#[derive(Event)]
struct SignIn;

fn sign_in(_: DefaultAction<'_, SignIn>) -> Result<()> {
    Ok(())
}

async fn pass(mut ev: Wrap<'_, SignIn>) -> Result<()> {
    ev.next().await
}

#[test]
fn too_many_wraps() {
    let mut core = Core::builder();
    core.declare::<SignIn>().default(sign_in);
    for number in 0..2_000 {
        core.event::<SignIn>().wrap(pass.named(format!("pass {number}")));
    }

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::TooManyWraps { wraps: 2_000, most: 96, .. }]));
    is_on_the_page(&error);
}

fn mails(core: &mut CoreBuilder) {
    let sender = ""; // from the settings
    if sender.is_empty() {
        core.report("the address of the sender is empty");
    }
}

#[test]
fn reported() {
    let error = Core::builder().module(mails).build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::Reported { .. }]));
    is_on_the_page(&error);
}

#[test]
fn no_listener_to_remove() {
    let mut core = Core::builder();
    core.module(greetings);
    core.event::<Greet>().before(trim).remove("trimm");

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::NoListenerToRemove { .. }]));
    is_on_the_page(&error);
}

fn members_only(_: BeforeAny<'_>) -> Result<()> {
    Ok(())
}

#[test]
fn no_such_events() {
    let mut core = Core::builder();
    core.module(greetings);
    core.every_event().of_module("greeting").before(members_only);

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::NoSuchEvents { .. }]));
    is_on_the_page(&error);
}

#[test]
fn no_service_to_override() {
    let mut core = Core::builder();
    core.override_service::<dyn Captcha>(Arc::new(AlwaysSolved));

    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::NoServiceToOverride { .. }]));
    is_on_the_page(&error);
}
