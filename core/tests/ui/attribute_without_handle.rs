use dullahan_core::{listener, Before, Event, Inject, Result};

trait Mailer: Send + Sync {}

#[derive(Event)]
struct SignIn;

#[listener]
fn nothing() -> Result<()> {
    Ok(())
}

#[listener]
fn service_first(_mailer: Inject<'_, dyn Mailer>, _ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener]
fn event_itself(_ev: &mut SignIn) -> Result<()> {
    Ok(())
}

#[listener]
fn borrowed(_ev: &mut Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener]
fn no_event(_ev: Before<'_>) -> Result<()> {
    Ok(())
}

#[listener]
fn tuple(_ev: (Before<'_, SignIn>,)) -> Result<()> {
    Ok(())
}

fn main() {}
