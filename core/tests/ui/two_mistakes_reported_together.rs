use dullahan_core::{listener, Before, Event, Result};

#[derive(Event)]
#[event(ouptut = Vec<u32>, preventable = true, gathers, name = "")]
struct Generic<'a, const N: usize> {
    items: [&'a u8; N],
}

#[derive(Event)]
struct SignIn;

#[listener(prio = 1, name = "", before = greet)]
unsafe fn wrong<T>(_ev: &mut Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

fn main() {}
