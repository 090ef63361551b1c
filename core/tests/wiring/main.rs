//! The semantics of wiring: what listens, in which order, on which condition, and what `build` refuses.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod conditions;
mod every;
mod listeners;
mod modules;
mod order;
mod overlays;
mod removing;
mod sealing;
mod services;
#[path = "../shared/support.rs"]
#[expect(dead_code, unused_imports, reason = "the other test binaries use the rest")]
mod support;
