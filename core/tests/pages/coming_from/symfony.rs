//! A listener that registers itself.

use dullahan_core::{Before, Event, Result, listener};

#[derive(Event)]
pub(super) struct CreateUser {
    pub(super) name: String,
}

#[listener(priority = 10)]
fn trim_name(mut ev: Before<'_, CreateUser>) -> Result<()> {
    ev.name = ev.name.trim().to_owned();
    Ok(())
}

#[test]
fn a_linked_listener_is_discovered() -> Result<(), Box<dyn std::error::Error>> {
    let mut core = dullahan_core::Core::builder();
    core.declare::<CreateUser>();
    core.discover();
    let core = core.build()?;
    let described = core.describe();
    assert!(described.to_string().contains("symfony::trim_name"), "{described}");
    Ok(())
}
