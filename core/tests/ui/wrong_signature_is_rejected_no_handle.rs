use dullahan_core::{Core, Event, Result, Service};

trait Mailer: Send + Sync {}

#[derive(Event)]
struct SignIn;

async fn nothing() -> Result<()> {
    Ok(())
}

async fn no_handle(_mailer: Service<'_, dyn Mailer>) -> Result<()> {
    Ok(())
}

fn main() {
    Core::builder().event::<SignIn>().before(nothing).before(no_handle);
}
