//! What is asked for too late: it compiles nowhere, and the compiler says what to write instead.
//!
//! Without these the message would be that there is no such method, and a newcomer would look for a misspelling.

use crate::event::Event;

/// What no event is: one whose default action can be prevented after it has run.
#[diagnostic::on_unimplemented(
    message = "the default action of `{Self}` has run, so it is too late to prevent it or to respond in its place",
    label = "there is nothing left to prevent in this phase",
    note = "to prevent it, listen before it: `mut ev: Before<'_, {Self}>`, registered with `.before(..)`",
    note = "to change what came of it, use `ev.output_mut()`; to undo it, return an error, which rolls back"
)]
#[expect(unnameable_types, reason = "nobody implements it, which is what it is for")]
pub trait PreventedAfterwards: Event {
    fn never<T>() -> T;
}

/// What no event is: one that can be bent by who only looks at it.
#[diagnostic::on_unimplemented(
    message = "a listener of this phase only looks at what came of `{Self}`, and cannot change it",
    label = "nothing can be changed any more in this phase",
    note = "to prevent the default action, or to respond in its place, listen before it: `mut ev: Before<'_, {Self}>`, \
            registered with `.before(..)`",
    note = "to change its output, listen after it: `mut ev: After<'_, {Self}>`, registered with `.after(..)`"
)]
#[expect(unnameable_types, reason = "nobody implements it, which is what it is for")]
pub trait ChangedInTheEnd: Event {
    fn never<T>() -> T;
}

/// Names on a handle the methods of another one that a newcomer looks for here.
macro_rules! too_late {
    ($handle:ident, $needed:ident: $($name:ident($($given:ty)?) -> $returned:ty),+) => {
        impl<E: $crate::event::Event> $handle<'_, E> {
            $(
                #[doc(hidden)]
                pub fn $name(&mut self $(, _: $given)?) -> $returned
                where
                    E: $crate::phase::too_late::$needed,
                {
                    E::never()
                }
            )+
        }
    };
}

pub(super) use too_late;
