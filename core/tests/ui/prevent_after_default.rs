use dullahan_core::{After, Event, Result};

#[derive(Event)]
#[event(preventable)]
struct Greet;

fn too_late(mut ev: After<'_, Greet>) -> Result<()> {
    ev.prevent_default();
    Ok(())
}

fn main() {}
