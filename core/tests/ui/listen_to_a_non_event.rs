use dullahan_core::{Before, Core, Result};

struct SignIn;

fn greet(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

fn main() {
    Core::builder().event::<SignIn>();
}
