use dullahan_core::{Before, Event, Result, Saga};

#[derive(Event)]
struct SignIn;

#[derive(Saga)]
struct RegisterUserSaga;

async fn register(mut ev: Before<'_, SignIn>) -> Result<()> {
    ev.dispatch(RegisterUserSaga).await
}

fn main() {}
