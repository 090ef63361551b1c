//! The code of `core/docs/seeing.md`.

mod monitor;
mod trace;
mod wiring;

const PAGE: &str = include_str!("../../docs/seeing.md");
