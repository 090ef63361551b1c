//! An event with a default action and two listeners.

use std::hint::black_box;

use dullahan_core::{After, Before, Core, CoreBuilder, DefaultAction, Result, Saga};

#[derive(Saga)]
#[event(output = String, preventable)]
pub(crate) struct Greet {
    name: &'static str,
}

pub(crate) fn register(core: &mut CoreBuilder) {
    core.declare::<Greet>();
    core.event::<Greet>()
        .before(|mut ev: Before<'_, Greet>| -> Result<()> {
            ev.name = "Ada";
            Ok(())
        })
        .default(|ev: DefaultAction<'_, Greet>| -> Result<String> {
            Ok(format!("Hello, {}", ev.name))
        })
        .after(|mut ev: After<'_, Greet>| -> Result<()> {
            ev.output_mut().push('!');
            Ok(())
        });
}

/// The same body without the event.
pub(crate) fn greet_bare() -> String {
    let mut greeting = format!("Hello, {}", black_box("Ada"));
    greeting.push('!');
    greeting
}

/// The body, from the event.
pub(crate) async fn greet(core: &Core) -> Result<String> {
    core.run(Greet { name: "" }).await
}
