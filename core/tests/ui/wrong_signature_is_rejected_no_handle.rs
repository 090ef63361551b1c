use dullahan_core::{Core, Event, Inject, Result};

trait Mailer: Send + Sync {}

#[derive(Event)]
struct SignIn;

async fn nothing() -> Result<()> {
    Ok(())
}

async fn no_handle(_mailer: Inject<'_, dyn Mailer>) -> Result<()> {
    Ok(())
}

fn main() {
    Core::builder().event::<SignIn>().before(nothing).before(no_handle);
}
