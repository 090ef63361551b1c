//! A context with a value for what is dispatched in it.

use std::{marker::PhantomData, ops::Deref};

use super::Context;

/// A [`Context`] with a value for what is dispatched in it, made by [`with`](Context::with). It dereferences to the
/// context.
///
/// It lives no longer than the context that it was made of, so that a unit of work has no context that outlives it.
#[derive(Debug)]
pub struct ScopedContext<'a> {
    context: Context,
    of: PhantomData<&'a Context>,
}

impl ScopedContext<'_> {
    pub(super) fn new(context: Context) -> Self {
        Self { context, of: PhantomData }
    }

    /// One more value, of another type; one of the same type counts in place of the first.
    #[must_use]
    pub fn with<T: Clone + Send + Sync + 'static>(self, value: T) -> Self {
        Self::new(self.context.narrowed(value))
    }
}

impl Deref for ScopedContext<'_> {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}
