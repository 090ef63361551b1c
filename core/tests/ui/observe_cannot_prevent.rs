use dullahan_core::{Event, Observe, Result};

#[derive(Event)]
#[event(preventable)]
struct Greet;

fn keep_silent(mut ev: Observe<'_, Greet>) -> Result<()> {
    ev.prevent_default();
    Ok(())
}

fn main() {}
