use dullahan_core::{After, Core, Event, Result};

#[derive(Event)]
struct SignIn;

async fn greet(_ev: After<'_, SignIn>) -> Result<()> {
    Ok(())
}

fn main() {
    Core::builder().event::<SignIn>().before(greet);
}
