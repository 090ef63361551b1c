use dullahan_core::{Before, Event, Result};

#[derive(Event)]
#[event(preventable)]
struct SignIn;

#[derive(Event)]
struct LookUp;

async fn look_up(mut ev: Before<'_, SignIn>) -> Result<()> {
    ev.dispatch_in_savepoint(LookUp).await
}

fn main() {}
