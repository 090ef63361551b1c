//! What a crate offers to an application: its events, default actions and services.

use crate::{builder::CoreBuilder, listener::path_of_function};

/// What a crate offers to an application: its events, their default actions, and services.
///
/// A function of this form is a module too, which is all that an application's own file of listeners needs:
///
/// ```
/// use dullahan_core::{Before, Core, CoreBuilder, DefaultAction, Event, Result};
///
/// #[derive(Event)]
/// #[event(output = String, preventable)]
/// struct Greet {
///     name: String,
/// }
///
/// fn greetings(core: &mut CoreBuilder) {
///     core.declare::<Greet>()
///         .default(|ev: DefaultAction<'_, Greet>| Ok(format!("Hello, {}!", ev.name)));
/// }
///
/// fn extensions(core: &mut CoreBuilder) {
///     core.event::<Greet>().before(|mut ev: Before<'_, Greet>| {
///         ev.name = ev.name.to_uppercase();
///         Ok(())
///     });
/// }
///
/// let core = Core::builder().module(greetings).module(extensions).build();
/// assert!(core.is_ok());
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is not a module",
    note = "a module implements `Module`, or is a function `fn(core: &mut CoreBuilder)`"
)]
pub trait Module {
    /// Its name in dumps and wiring errors; one name is added once.
    fn name(&self) -> &'static str {
        std::any::type_name::<Self>()
    }

    /// Declares events, registers defaults and listeners, provides services.
    fn register(self, core: &mut CoreBuilder);

    /// Whether a second module of the same name would be the same module again. Closures, function pointers and
    /// boxed functions have the name of their type, which other modules have as well.
    #[doc(hidden)]
    fn has_own_name(&self) -> bool {
        true
    }
}

impl<F: FnOnce(&mut CoreBuilder)> Module for F {
    fn has_own_name(&self) -> bool {
        path_of_function::<F>().is_some()
    }

    fn register(self, core: &mut CoreBuilder) {
        self(core);
    }
}
