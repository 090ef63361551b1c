//! Every dispatch is a `tracing` span, with stable field names.

use tracing::{Level, Span, level_filters::LevelFilter};

/// The target of the spans, to switch them on or off: `RUST_LOG=dullahan::dispatch=debug`.
const TARGET: &str = "dullahan::dispatch";

/// Whether a subscriber may want the spans; one load when none does.
#[inline]
pub(super) fn enabled() -> bool {
    LevelFilter::current() >= Level::DEBUG
}

/// Whether a subscriber may want a span for each listener as well; they cost as much as the listener.
#[inline]
pub(super) fn listeners_enabled() -> bool {
    LevelFilter::current() >= Level::TRACE
}

/// The span of one call of a listener.
pub(super) fn of_listener(listener: &str, phase: &'static str) -> Span {
    tracing::trace_span!(target: TARGET, "listener", listener, phase)
}

/// The span of one dispatch.
pub(super) fn of_dispatch(event: &'static str, kind: &'static str) -> Span {
    tracing::debug_span!(
        target: TARGET,
        "dispatch",
        event,
        kind,
        prevented_by = tracing::field::Empty,
        outcome = tracing::field::Empty,
    )
}
