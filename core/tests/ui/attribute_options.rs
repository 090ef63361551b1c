use dullahan_core::{listener, Before, Committed, Event, Observe, Result};

#[derive(Event)]
struct SignIn;

#[listener(prio = 10)]
fn misspelt(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener(priority)]
fn without_value(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener(priority = "high")]
fn not_a_priority(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener(priority = 1)]
fn observers_have_none(_ev: Observe<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener(optional = true, priority = 1)]
fn two_mistakes(_ev: Committed<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener(after = misspelt)]
fn unquoted(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener(before = ["misspelt", ""])]
fn empty(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener(name = "one", name = "two")]
fn twice(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

#[listener]
#[listener]
fn attribute_twice(_ev: Before<'_, SignIn>) -> Result<()> {
    Ok(())
}

fn main() {}
