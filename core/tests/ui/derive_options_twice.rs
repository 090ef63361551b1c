use dullahan_core::Event;

#[derive(Event)]
#[event(output = u32, preventable, output = String)]
struct InOneAttribute;

#[derive(Event)]
#[event(preventable)]
#[event(preventable)]
struct InTwo;

fn main() {}
