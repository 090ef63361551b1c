use dullahan_core::{CoreBuilder, Module};

use super::{
    event::{CheckNote, StoreNoteProcess, WriteNoteSaga},
    functor::{CheckLength, StoreNote, write_note},
};

/// Notes. The application provides a `NoteRepository`.
pub struct NotesModule {
    longest: usize,
}

impl NotesModule {
    /// The module, with the greatest length of a note.
    pub fn new(longest: usize) -> Self {
        Self { longest }
    }
}

impl Module for NotesModule {
    fn name(&self) -> &'static str {
        "notes"
    }

    fn register(self, core: &mut CoreBuilder) {
        if self.longest == 0 {
            core.report("the greatest length of a note is 0, so every note would be refused");
        }
        core.declare::<WriteNoteSaga>().default(write_note);
        core.declare::<CheckNote>().default(CheckLength { longest: self.longest });
        core.declare::<StoreNoteProcess>().default(StoreNote::new);
    }
}
