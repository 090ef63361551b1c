//! The module, bent by an application.

use super::notes;
use crate::memory_store::MemoryStore;

use std::sync::Arc;

use dullahan_core::{Before, BoxFuture, Committed, Context, Core, CoreBuilder, Result, Violation};
use notes::{
    NotesModule,
    event::{CheckNote, Note, StoreNoteProcess, WriteNoteSaga},
    port::NoteRepository,
};

impl NoteRepository for MemoryStore {
    fn insert<'a>(&'a self, context: &'a Context, note: &'a Note) -> BoxFuture<'a, Result<()>> {
        Box::pin(self.put(context, &note.author, &note.text))
    }
}

/// One more check.
fn no_links(mut ev: Before<'_, CheckNote>) -> Result<()> {
    if ev.text.contains("://") {
        ev.reject(Violation::new("/text", "has_link"));
    }
    Ok(())
}

/// Notes of guests are not stored.
fn skip_guests(mut ev: Before<'_, StoreNoteProcess>) -> Result<()> {
    if ev.note.author == "guest" {
        let note = ev.note.clone();
        ev.respond(note);
    }
    Ok(())
}

fn announce(ev: Committed<'_, StoreNoteProcess>) -> Result<()> {
    eprintln!("{} has written a note", ev.output().author);
    Ok(())
}

fn extensions(core: &mut CoreBuilder) {
    core.event::<CheckNote>().before(no_links);
    core.event::<StoreNoteProcess>().before(skip_guests).committed(announce);
}

#[tokio::test]
async fn an_application_bends_the_module() -> Result<(), Box<dyn std::error::Error>> {
    let store = Arc::new(MemoryStore::default());
    let core = Core::builder()
        .module(NotesModule::new(1000))
        .module(extensions)
        .provide::<dyn NoteRepository>(store.clone())
        .units_of_work(store.clone())
        .build()?;
    let write = |author: &str, text: &str| {
        core.run(WriteNoteSaga { author: author.to_owned(), text: text.to_owned() })
    };

    assert_eq!(write("ada", " hello ").await?.text, "hello");
    assert_eq!(write("guest", "hello").await?.text, "hello");
    assert_eq!(store.keys(), ["ada"]);

    let error = write("ada", "https://example.org").await.unwrap_err();
    assert_eq!(error.violations()[0].code(), "has_link");
    Ok(())
}

#[test]
fn a_wrong_setting_is_a_defect() {
    let store = Arc::new(MemoryStore::default());
    let error = Core::builder()
        .module(NotesModule::new(0))
        .provide::<dyn NoteRepository>(store.clone())
        .units_of_work(store)
        .build()
        .unwrap_err();
    assert!(error.to_string().contains("the greatest length of a note is 0"));
}
