//! An event for which nothing gave an output.

/// Nothing supplied the output of an event.
#[derive(Debug, thiserror::Error)]
#[error(
    "nothing supplied the output of `{event}`: its default was prevented, or it has none, and no listener responded"
)]
pub(super) struct NotHandled {
    pub(super) event: &'static str,
}

impl NotHandled {
    pub(super) const CODE: &'static str = "step_unhandled";
}
