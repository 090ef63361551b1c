use dullahan_core::{Core, Event, Perform, Result};

#[derive(Event)]
#[event(output = String)]
struct Greet;

async fn greet(_ev: Perform<'_, Greet>) -> Result<()> {
    Ok(())
}

fn main() {
    Core::builder().declare::<Greet>().default(greet);
}
