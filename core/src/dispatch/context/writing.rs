//! What an adapter says that is asked to write where nothing would commit it.

use crate::error::Error;

/// The error of an adapter that is asked to write where nothing would commit it.
pub fn write_outside_of_a_process(what: &'static str) -> Error {
    Error::internal(WriteOutsideOfAProcess { what })
}

/// A write was tried where no unit of work would commit it.
#[derive(Debug, thiserror::Error)]
#[error(
    "{what} was asked to write outside of a process, where nothing commits or rolls back; \
     dispatch the write from the default action or a listener of an event with `#[derive(Process)]`"
)]
struct WriteOutsideOfAProcess {
    what: &'static str,
}
