use dullahan_core::{Core, Process, Result};

#[derive(Process)]
struct CreateUserProcess;

async fn create(core: &Core) -> Result<()> {
    core.run(CreateUserProcess).await
}

fn main() {}
