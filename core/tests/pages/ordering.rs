//! The code of `core/docs/ordering.md`.

mod by_name;
mod conditions;
mod errors;
mod phases;
mod preventing;
