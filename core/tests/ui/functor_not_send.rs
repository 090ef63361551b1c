use std::cell::RefCell;

use dullahan_core::{Before, Event, Listener, Result};

#[derive(Event)]
struct SignIn;

struct Count {
    _count: RefCell<u32>,
}

impl Listener<Before<'_, SignIn>> for Count {
    async fn call(&self, _ev: Before<'_, SignIn>) -> Result<()> {
        Ok(())
    }
}

fn main() {}
