use std::rc::Rc;

use dullahan_core::{Before, Core, Event};

#[derive(Event)]
struct SignIn;

fn main() {
    let shared = Rc::new(1);
    Core::builder().event::<SignIn>().before(move |_: Before<'_, SignIn>| {
        drop(Rc::clone(&shared));
        Ok(())
    });
}
