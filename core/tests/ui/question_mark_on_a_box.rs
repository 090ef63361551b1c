use dullahan_core::{Before, Event, Result};

#[derive(Event)]
struct SignIn;

fn sendable() -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Ok(())
}

fn local() -> Result<(), Box<dyn std::error::Error>> {
    Ok(())
}

fn listen(_ev: Before<'_, SignIn>) -> Result<()> {
    sendable()?;
    local()?;
    Ok(())
}

fn main() {}
