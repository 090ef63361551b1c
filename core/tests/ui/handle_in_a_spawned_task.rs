use dullahan_core::{Before, Event, Result};

#[derive(Event)]
struct SignIn;

#[derive(Event)]
struct Remember;

async fn listen(mut ev: Before<'_, SignIn>) -> Result<()> {
    tokio::spawn(async move { ev.dispatch(Remember).await });
    Ok(())
}

fn main() {}
