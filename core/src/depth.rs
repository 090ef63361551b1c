//! How deeply dispatches and wraps are nested on the stack of a thread.
//!
//! A listener may dispatch by its handle, by a core that it holds, in its own context or in a new one. All of these
//! are polled by the dispatch around them, so the depth is counted where they are polled.

use std::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll},
};

thread_local! {
    /// How many dispatches and wraps are being polled, one inside of the other.
    static LEVELS: Cell<usize> = const { Cell::new(0) };
}

/// How many dispatches and wraps this is called inside of.
pub(crate) fn current() -> usize {
    LEVELS.get()
}

/// A future inside of which everything is as deep as this.
pub(crate) struct AtDepth<F> {
    pub(crate) levels: usize,
    pub(crate) future: F,
}

impl<F: Future + Unpin> Future for AtDepth<F> {
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _outer = Outer(LEVELS.replace(self.levels));
        Pin::new(&mut self.future).poll(context)
    }
}

/// The depth outside of what is being polled, restored when that returns or panics.
struct Outer(usize);

impl Drop for Outer {
    fn drop(&mut self) {
        LEVELS.set(self.0);
    }
}
