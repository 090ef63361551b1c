use dullahan_core::{Before, Core, Event, Result};

#[derive(Event)]
struct SignIn;

fn greet(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

fn late(core: &mut Core) {
    core.event::<SignIn>().before(greet);
}

fn main() {}
