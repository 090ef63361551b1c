//! How deeply dispatches and wraps are nested on the stack of a thread.
//!
//! A listener may dispatch by its handle, by a core that it holds, in its own context or in a new one. All of these
//! are polled by the dispatch around them, so the depth is counted where they are polled.

use std::{
    cell::Cell,
    pin::Pin,
    task::{Context, Poll},
};

/// How many levels a dispatch is deep: in a debug build it takes less than 50 KB of the stack.
pub(crate) const DISPATCH: usize = 4;

/// How many levels a wrap is deep: in a debug build it takes less than a fourth of what a dispatch takes.
pub(crate) const WRAP: usize = 1;

/// How deeply events may be nested unless an application says otherwise: on a stack of 2 MiB almost half is left to
/// the application's own listeners.
pub(crate) const DEFAULT_MAX_DEPTH: usize = 24;

/// How deeply an application may let events be nested: on a stack of 2 MiB a fifth is left.
pub(crate) const GREATEST_MAX_DEPTH: usize = 32;

/// How many wraps one event can have.
pub(crate) const fn most_wraps(max_depth: usize) -> usize {
    max_depth * DISPATCH / WRAP
}

thread_local! {
    /// The level of what is being polled.
    static LEVEL: Cell<usize> = const { Cell::new(0) };
}

/// The level that this is called at.
pub(crate) fn current() -> usize {
    LEVEL.get()
}

/// A future inside of which everything is at this level or deeper.
pub(crate) struct AtLevel<F> {
    pub(crate) level: usize,
    pub(crate) future: F,
}

impl<F: Future + Unpin> Future for AtLevel<F> {
    type Output = F::Output;

    #[inline]
    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let _outer = Outer(LEVEL.replace(self.level));
        Pin::new(&mut self.future).poll(context)
    }
}

/// The level outside of what is being polled, restored when that returns or panics.
struct Outer(usize);

impl Drop for Outer {
    fn drop(&mut self) {
        LEVEL.set(self.0);
    }
}
