use dullahan_core::{Event, Process, Saga};

/// A note.
#[derive(Debug, Clone, PartialEq)]
pub struct Note {
    pub author: String,
    pub text: String,
}

/// Somebody writes a note.
#[derive(Debug, Saga)]
#[event(output = Note, preventable)]
pub struct WriteNoteSaga {
    pub author: String,
    pub text: String,
}

/// The text is checked, before anything is stored. The output is the text to store.
#[derive(Debug, Event)]
#[event(output = String, preventable, gathers)]
pub struct CheckNote {
    pub text: String,
}

/// A note is stored.
#[derive(Debug, Process)]
#[event(output = Note, preventable)]
pub struct StoreNoteProcess {
    pub note: Note,
}
