use dullahan_core::{BoxFuture, Context, Result};

use super::event::Note;

/// Where notes are stored.
pub trait NoteRepository: Send + Sync {
    /// Stores a note, in the unit of work of the process around it.
    fn insert<'a>(&'a self, context: &'a Context, note: &'a Note) -> BoxFuture<'a, Result<()>>;
}
