use dullahan_core::{Core, DefaultAction, Event, Result};

#[derive(Event)]
#[event(output = String)]
struct Greet;

async fn greet(_ev: DefaultAction<'_, Greet>) -> Result<()> {
    Ok(())
}

fn main() {
    Core::builder().declare::<Greet>().default(greet);
}
