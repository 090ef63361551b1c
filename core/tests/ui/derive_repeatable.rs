use dullahan_core::{Event, Process, Saga};

#[derive(Clone, Event)]
#[event(repeatable)]
struct Hook;

#[derive(Clone, Saga)]
#[event(output = u32, repeatable)]
struct Order;

#[derive(Process)]
#[event(preventable, repeatable)]
struct NotCopied;

fn main() {}
