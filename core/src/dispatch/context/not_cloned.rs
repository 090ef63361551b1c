//! A context is not cloned, and the compiler says why.

use super::Context;

/// What a context is not: a value that can be copied.
#[diagnostic::on_unimplemented(
    message = "a `Context` cannot be cloned: a copy would outlive the unit of work that it leads to",
    label = "this context lives as long as its dispatch",
    note = "for what runs beside the saga or after it, `let (core, context) = ev.detached();` gives a context to own",
    note = "for what the listener waits for, pass it on as `ev.context()`"
)]
#[expect(unnameable_types, reason = "nobody implements it, which is what it is for")]
pub trait Copied {
    fn never<T>(&self) -> T;
}

impl Context {
    #[doc(hidden)]
    #[expect(clippy::should_implement_trait, reason = "it is here to be refused with a reason")]
    pub fn clone(&self) -> Self
    where
        for<'a> Self: Copied,
    {
        self.never()
    }
}
