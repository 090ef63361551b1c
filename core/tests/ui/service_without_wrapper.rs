use std::sync::Arc;

use dullahan_core::{Before, Core, Event, Result};

trait Mailer: Send + Sync {}

#[derive(Event)]
struct SignIn;

async fn shared(_ev: Before<'_, SignIn>, _mailer: Arc<dyn Mailer>) -> Result<()> {
    Ok(())
}

async fn borrowed(_ev: Before<'_, SignIn>, _mailer: &dyn Mailer) -> Result<()> {
    Ok(())
}

fn main() {
    Core::builder().event::<SignIn>().before(shared).before(borrowed);
}
