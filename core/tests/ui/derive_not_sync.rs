use std::{cell::Cell, rc::Rc};

use dullahan_core::Event;

#[derive(Event)]
struct Counted {
    count: Cell<u32>,
}

#[derive(Event)]
#[event(output = Rc<u32>)]
struct Shared;

#[derive(Event)]
#[event(output = str)]
struct Unsized;

fn main() {}
