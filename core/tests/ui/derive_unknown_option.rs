use dullahan_core::{Event, Process, Saga};

#[derive(Event)]
#[event(ouptut = u32)]
struct Misspelt;

#[derive(Process)]
#[event(prevent)]
struct Shortened;

#[derive(Saga)]
#[event(transactional)]
struct Invented;

fn main() {}
