use std::rc::Rc;

use dullahan_core::{Event, Perform, Result, listener};

#[derive(Event)]
struct SignIn;

#[derive(Event)]
#[event(output = u32)]
struct Count;

#[listener]
async fn sign_in(_ev: Perform<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener]
async fn not_send(mut ev: Perform<'_, Count>) -> Result<u32> {
    let shared = Rc::new(1);
    ev.dispatch(SignIn).await?;
    Ok(*shared)
}

fn main() {}
