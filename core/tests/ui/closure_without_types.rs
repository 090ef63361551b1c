use dullahan_core::{Core, Event};

#[derive(Event)]
struct SignIn {
    name: String,
}

fn main() {
    Core::builder().event::<SignIn>().before(|mut ev| {
        ev.name.clear();
        Ok(())
    });
}
