use dullahan_core::{listener, After, Event, Result};

#[derive(Event)]
struct SignIn;

struct SendMail;

impl SendMail {
    #[listener]
    fn send(_ev: After<'_, SignIn>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
