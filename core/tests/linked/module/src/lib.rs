//! A module that others listen to.

use dullahan_core::{CoreBuilder, DefaultAction, Event, ListenerOptions as _};

/// The one event.
#[derive(Event)]
#[event(output = String, preventable)]
pub struct Greet {
    /// Who is greeted.
    pub name: String,
}

/// The module.
pub fn greetings(core: &mut CoreBuilder) {
    core.declare::<Greet>()
        .default((|ev: DefaultAction<'_, Greet>| Ok(format!("Hello, {}!", ev.name))).named("greet"));
}
