use dullahan_core::{Core, Event, Result};

#[derive(Event)]
struct SignIn;

async fn sign_in(core: &Core) -> Result<()> {
    core.run_process(SignIn).await
}

fn main() {}
