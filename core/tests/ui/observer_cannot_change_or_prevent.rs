use dullahan_core::{Committed, Event, Observe, Result};

#[derive(Event)]
#[event(output = u32, preventable)]
struct CountUsers;

fn keep_silent(mut ev: Observe<'_, CountUsers>) -> Result<()> {
    ev.prevent_default();
    Ok(())
}

fn correct(mut ev: Observe<'_, CountUsers>) -> Result<()> {
    ev.respond(41);
    Ok(())
}

fn correct_at_last(mut ev: Committed<'_, CountUsers>) -> Result<()> {
    *ev.output_mut() = 41;
    Ok(())
}

fn main() {}
