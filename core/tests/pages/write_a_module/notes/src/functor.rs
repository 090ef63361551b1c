use std::sync::Arc;

use dullahan_core::{DefaultAction, Error, Listener, Result, Violation};

use super::{
    event::{CheckNote, Note, StoreNoteProcess, WriteNoteSaga},
    port::NoteRepository,
};

/// The saga: nothing but its steps.
pub async fn write_note(mut ev: DefaultAction<'_, WriteNoteSaga>) -> Result<Note> {
    let text = ev.text.clone();
    let text = ev.dispatch(CheckNote { text }).await?;
    let author = ev.author.clone();
    ev.dispatch(StoreNoteProcess { note: Note { author, text } }).await
}

/// Refuses a text that is empty or too long.
pub struct CheckLength {
    pub longest: usize,
}

impl Listener<DefaultAction<'_, CheckNote>> for CheckLength {
    async fn call(&self, ev: DefaultAction<'_, CheckNote>) -> Result<String> {
        let text = ev.text.trim();
        if text.is_empty() {
            return Err(Error::invalid([Violation::new("/text", "missing")]));
        }
        if text.chars().count() > self.longest {
            let violation = Violation::new("/text", "too_long").with("max", self.longest);
            return Err(Error::invalid([violation]));
        }
        Ok(text.to_owned())
    }
}

/// Stores the note in the repository.
pub struct StoreNote {
    notes: Arc<dyn NoteRepository>,
}

impl StoreNote {
    pub fn new(notes: Arc<dyn NoteRepository>) -> Self {
        Self { notes }
    }
}

impl Listener<DefaultAction<'_, StoreNoteProcess>> for StoreNote {
    async fn call(&self, ev: DefaultAction<'_, StoreNoteProcess>) -> Result<Note> {
        self.notes.insert(ev.context(), &ev.note).await?;
        Ok(ev.note.clone())
    }
}
