//! The code of `core/docs/units-of-work.md`.

mod begins_late;
mod commits_whole;
mod compensates;
mod finishes_pending;
mod late;
mod nests;
mod runs_again;
mod times_out;
