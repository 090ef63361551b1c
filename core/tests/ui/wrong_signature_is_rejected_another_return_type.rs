use dullahan_core::{Before, Core, Event};

#[derive(Event)]
struct SignIn;

async fn nothing(_ev: Before<'_, SignIn>) {}

fn number(_ev: Before<'_, SignIn>) -> dullahan_core::Result<u32> {
    Ok(1)
}

fn main() {
    Core::builder().event::<SignIn>().before(nothing).before(number);
}
