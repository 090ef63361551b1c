use dullahan_core::{Event, Process, Saga};

#[derive(Event)]
enum Step {
    One,
    Two {
        #[event(preventable)]
        field: u32,
    },
}

#[derive(Process)]
union Either {
    one: u32,
    other: f32,
}

#[derive(Saga)]
struct OptionOnField {
    #[event(output = u32)]
    name: String,
}

fn main() {}
