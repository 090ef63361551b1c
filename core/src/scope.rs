//! Where a dispatch stands: its core, its context and the events that led to it.

use crate::{context::Context, describe::EventDescription, dispatcher::Inner};

/// One dispatch under way, linked to the one that it was dispatched from.
///
/// It lives on the stack of the dispatch and is borrowed by every handle, so flowing down costs nothing.
pub(crate) struct Scope<'a> {
    pub(crate) core: &'a Inner,
    pub(crate) context: &'a Context,
    pub(crate) description: &'a EventDescription,
    pub(crate) parent: Option<&'a Scope<'a>>,
    pub(crate) depth: usize,
}

impl Scope<'_> {
    /// The names of the events that led here, outermost first, this one last.
    pub(crate) fn chain(&self) -> Vec<&'static str> {
        let mut chain = Vec::with_capacity(self.depth + 1);
        let mut scope = Some(self);
        while let Some(current) = scope {
            chain.push(current.description.name);
            scope = current.parent;
        }
        chain.reverse();
        chain
    }
}
