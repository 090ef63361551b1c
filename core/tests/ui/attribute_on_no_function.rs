use dullahan_core::{listener, After, Event, Listener, Result};

#[derive(Event)]
struct SignIn;

#[listener]
struct SendMail;

impl Listener<After<'_, SignIn>> for SendMail {
    #[listener]
    async fn call(&self, _ev: After<'_, SignIn>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
