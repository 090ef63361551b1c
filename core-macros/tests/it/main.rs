//! What the derives write. What they refuse is in the tests of `dullahan-core`, with what the compiler says then.

use dullahan_core::{
    Core, CoreBuilder, Event, Observe, Process, Result, Saga,
    event::{AnyKind, Kind, Preventable, Step},
    listener,
};

/// A crate that re-exports `dullahan_core` for its users.
mod facade {
    pub(crate) use dullahan_core as events;
}

#[derive(Event)]
struct Plain;

#[derive(Process)]
#[event(output = Vec<(u32, String)>, preventable, name = "the process")]
#[event(gathers)]
struct Full {
    _field: u32,
}

#[derive(Saga)]
#[event(output = u8,)]
struct Tuple(#[expect(dead_code, reason = "only its type matters")] u8);

#[derive(Event)]
#[expect(non_camel_case_types, reason = "a keyword is what is tested")]
struct r#yield;

#[derive(facade::events::Event)]
#[event(crate = "crate::facade::events")]
struct ThroughFacade;

#[listener(crate = "crate::facade::events")]
fn watch(_ev: Observe<'_, ThroughFacade>) -> Result<()> {
    Ok(())
}

#[listener]
#[cfg(any())]
fn left_out(_ev: Observe<'_, NothingOfTheSort>) -> Result<()> {
    Ok(())
}

/// Name, kind, preventable, gathers.
fn constants<E: Event>() -> (&'static str, Kind, bool, bool) {
    (E::NAME, Kind::of::<E>(), <E::Kind as AnyKind>::PREVENTABLE, E::GATHERS)
}

#[test]
fn without_options() {
    fn is<E: Step<Output = ()>>() {}
    is::<Plain>();
    assert_eq!(constants::<Plain>(), ("Plain", Kind::Event, false, false));
}

#[test]
fn with_every_option() {
    fn is<E: Process<Output = Vec<(u32, String)>> + Step + Preventable>() {}
    is::<Full>();
    assert_eq!(constants::<Full>(), ("the process", Kind::Process, true, true));
}

#[test]
fn a_tuple_struct_and_a_comma_at_the_end() {
    fn is<E: Saga<Output = u8>>() {}
    is::<Tuple>();
    assert_eq!(constants::<Tuple>(), ("Tuple", Kind::Saga, false, false));
}

#[test]
fn a_keyword_is_named_as_it_is_written_elsewhere() {
    assert_eq!(constants::<r#yield>().0, "yield");
}

#[test]
fn a_crate_may_re_export_the_core() -> Result<()> {
    fn module(core: &mut CoreBuilder) {
        core.declare::<ThroughFacade>();
    }
    let core = Core::builder().module(module).discover().build()?;
    let listeners = &core.describe().events[0].listeners;
    assert_eq!(listeners.len(), 1);
    assert_eq!(listeners[0].name, "it::watch");
    Ok(())
}
