//! The semantics of dispatching: phases, order, preventing, nesting, errors, the context.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod context;
mod depth;
mod errors;
mod extracting;
mod generic;
mod nesting;
mod origins;
mod outcomes;
mod phases;
mod preventing;
mod scoped;
#[path = "../shared/support.rs"]
#[expect(dead_code, unused_imports, reason = "the other test binaries use the rest")]
mod support;
mod threads;
mod violations;
mod wraps;
