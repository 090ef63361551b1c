//! The code of `core/docs/write-a-module.md`: a crate and its test, here as two modules.

#[path = "write_a_module/notes/tests/notes.rs"]
mod is_bent;
#[expect(unreachable_pub, reason = "the page shows it as a crate of its own")]
#[path = "write_a_module/notes/src/lib.rs"]
mod notes;
