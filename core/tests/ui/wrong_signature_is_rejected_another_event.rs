use dullahan_core::{Before, Core, Event, Result};

#[derive(Event)]
struct SignIn;

#[derive(Event)]
struct SignOut;

async fn greet(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

fn main() {
    Core::builder().event::<SignOut>().before(greet);
}
