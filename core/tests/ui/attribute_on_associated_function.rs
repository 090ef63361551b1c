use dullahan_core::{After, Event, Result, listener};

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
