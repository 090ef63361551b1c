use dullahan_core::{Before, Event, Result};

#[derive(Event)]
#[event(output = u32)]
struct CountUsers;

async fn guess(mut ev: Before<'_, CountUsers>) -> Result<()> {
    ev.respond(7);
    Ok(())
}

fn main() {}
