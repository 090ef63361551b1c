//! What holds on every database.
//!
//! Included once for each: the module around it has the types `Store` and `Connection`, and `Database`, a
//! database that nobody else uses, and `TEN_SECONDS`, a statement that takes about so long.

#[path = "suite/apart.rs"]
mod apart;
#[path = "suite/cancelling.rs"]
mod cancelling;
#[path = "suite/ending.rs"]
mod ending;
#[path = "suite/migrating.rs"]
mod migrating;
#[path = "suite/play.rs"]
pub(crate) mod play;
#[path = "suite/process.rs"]
mod process;
#[path = "suite/reading.rs"]
mod reading;
#[path = "suite/refusing.rs"]
mod refusing;

use super::{Database, Store, TEN_SECONDS};
