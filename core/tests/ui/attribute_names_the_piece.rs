use std::{rc::Rc, sync::Arc};

use dullahan_core::{listener, Before, Event, Result, Wrap};

trait Mailer: Send + Sync {}

#[derive(Event)]
#[event(output = String)]
struct SignIn;

#[listener]
async fn not_send(mut ev: Wrap<'_, SignIn>) -> Result<String> {
    let shared = Rc::new(1);
    let output = ev.next().await;
    drop(shared);
    output
}

#[listener]
async fn async_returns_number(_ev: Before<'_, SignIn>) -> Result<u32> {
    Ok(1)
}

#[listener]
fn returns_number(_ev: Before<'_, SignIn>) -> Result<u32> {
    Ok(1)
}

#[listener]
async fn no_output(_ev: Wrap<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener]
async fn unwrapped(_ev: Before<'_, SignIn>, _mailer: &dyn Mailer) -> Result<()> {
    Ok(())
}

#[listener]
fn shared(_ev: Before<'_, SignIn>, _mailer: Arc<dyn Mailer>) -> Result<()> {
    Ok(())
}

fn main() {}
