//! What a core is asked for once it is sealed: it compiles nowhere, and the compiler says what to write instead.

use super::EventBuilder;
use crate::{dispatch::Core, event::Event};

/// What no event is: one that takes a listener after its core was built.
#[diagnostic::on_unimplemented(
    message = "a core that is built is sealed: nothing can listen to `{Self}` any more",
    label = "this is the sealed core",
    note = "register it on the builder, before `.build()`: `core.event::<{Self}>().before(listener)` with \
            `core: &mut CoreBuilder`",
    note = "what varies at run time is a condition, `.when(|context| ..)`, or a core laid over this one, `core.overlay(..)`"
)]
#[expect(unnameable_types, reason = "nobody implements it, which is what it is for")]
pub trait ListenedToLater: Event {
    fn never<T>() -> T;
}

impl Core {
    #[doc(hidden)]
    pub fn event<E: ListenedToLater>(&self) -> EventBuilder<'_, E> {
        E::never()
    }

    #[doc(hidden)]
    pub fn declare<E: ListenedToLater>(&self) -> EventBuilder<'_, E> {
        E::never()
    }
}
