use dullahan_core::{Before, Event, Result};

#[derive(Event)]
struct SignOut;

fn keep_signed_in(mut ev: Before<'_, SignOut>) -> Result<()> {
    ev.prevent_default();
    Ok(())
}

fn main() {}
