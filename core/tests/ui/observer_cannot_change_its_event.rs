use dullahan_core::{Event, Observe, Result};

#[derive(Event)]
#[event(preventable)]
struct Greet {
    name: String,
}

fn rename(mut ev: Observe<'_, Greet>) -> Result<()> {
    ev.name = String::from("somebody");
    Ok(())
}

fn main() {}
