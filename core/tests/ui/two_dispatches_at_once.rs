use dullahan_core::{Before, Event, Result};

#[derive(Event)]
struct SignIn;

#[derive(Event)]
struct Remember;

async fn listen(mut ev: Before<'_, SignIn>) -> Result<()> {
    let (one, other) = tokio::join!(ev.dispatch(Remember), ev.dispatch(Remember));
    one.and(other)
}

fn main() {}
