use std::rc::Rc;

use dullahan_core::{listener, DefaultAction, Event, Result};

#[derive(Event)]
struct SignIn;

#[derive(Event)]
#[event(output = u32)]
struct Count;

#[listener]
async fn sign_in(_ev: DefaultAction<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener]
async fn not_send(mut ev: DefaultAction<'_, Count>) -> Result<u32> {
    let shared = Rc::new(1);
    ev.dispatch(SignIn).await?;
    Ok(*shared)
}

fn main() {}
