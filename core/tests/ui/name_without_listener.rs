use dullahan_core::{Core, Event};

#[derive(Event)]
struct SignIn;

fn main() {
    Core::builder().event::<SignIn>().named("greet");
    Core::builder().event::<SignIn>().when(|context| context.principal().is_some());
}
