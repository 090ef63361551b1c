use dullahan_core::{Before, Event, Result};

#[derive(Event)]
struct SignIn;

struct Remember;

async fn remember(mut ev: Before<'_, SignIn>) -> Result<()> {
    ev.dispatch(Remember).await
}

fn main() {}
