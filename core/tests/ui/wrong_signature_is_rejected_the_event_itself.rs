use dullahan_core::{Core, Event, Result};

#[derive(Event)]
struct SignIn;

async fn greet(_ev: &mut SignIn) -> Result<()> {
    Ok(())
}

fn main() {
    Core::builder().event::<SignIn>().before(greet);
}
