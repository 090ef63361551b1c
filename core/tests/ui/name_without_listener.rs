use dullahan_core::{Core, Event};

#[derive(Event)]
struct SignIn;

fn main() {
    Core::builder().event::<SignIn>().named("greet");
}
