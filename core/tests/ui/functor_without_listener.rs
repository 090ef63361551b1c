use std::sync::Arc;

use dullahan_core::{Core, Event};

trait Mailer: Send + Sync {}

#[derive(Event)]
struct SignIn;

struct SendMail {
    _mailer: Arc<dyn Mailer>,
}

impl SendMail {
    fn new(mailer: Arc<dyn Mailer>) -> Self {
        Self { _mailer: mailer }
    }
}

fn main() {
    Core::builder().event::<SignIn>().before(SendMail::new);
}
