use std::rc::Rc;

use dullahan_core::{Before, Core, Event, Result};

#[derive(Event)]
struct SignIn;

#[derive(Event)]
struct Remember;

async fn count(mut ev: Before<'_, SignIn>) -> Result<()> {
    let shared = Rc::new(1);
    ev.dispatch(Remember).await?;
    drop(shared);
    Ok(())
}

fn main() {
    Core::builder().event::<SignIn>().before(count);
}
