use dullahan_core::{After, Event, Result};

#[derive(Event)]
#[event(output = u32, preventable)]
struct CountUsers;

fn too_late(mut ev: After<'_, CountUsers>) -> Result<()> {
    ev.prevent_default();
    Ok(())
}

fn respond(mut ev: After<'_, CountUsers>) -> Result<()> {
    ev.respond(41);
    Ok(())
}

fn main() {}
