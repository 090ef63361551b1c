use dullahan_core::{Event, Process};

#[derive(Event, Process)]
struct CreateUser;

fn main() {}
