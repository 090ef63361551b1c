use dullahan_core::{After, Core, Event, Listener, Result};

#[derive(Event)]
struct SignIn;

struct SendMail;

impl Listener<After<'_, SignIn>> for SendMail {
    async fn call(&self, _ev: After<'_, SignIn>) -> Result<()> {
        Ok(())
    }
}

fn main() {
    Core::builder().event::<SignIn>().before(SendMail);
}
