use dullahan_core::{Before, Context, Event, Result};

#[derive(Event)]
struct SignIn;

async fn later(_context: Context) {}

async fn listen(ev: Before<'_, SignIn>) -> Result<()> {
    tokio::spawn(later(ev.context().clone()));
    Ok(())
}

fn main() {}
