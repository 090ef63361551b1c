//! Looking inside: the wiring as data, the trace of a saga, spans, monitors.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod dump;
mod monitor;
mod spans;
#[path = "../shared/support.rs"]
#[expect(dead_code, unused_imports, reason = "the other test binaries use the rest")]
mod support;
mod trace;
mod trace_fates;
mod unchanged;
