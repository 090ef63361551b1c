use dullahan_core::{Committed, Core, Event, Result};

struct Ticket;

#[derive(Event)]
#[event(output = Ticket)]
struct BookSeat;

fn print(_ev: Committed<'_, BookSeat>) -> Result<()> {
    Ok(())
}

fn main() {
    Core::builder().event::<BookSeat>().committed(print);
}
