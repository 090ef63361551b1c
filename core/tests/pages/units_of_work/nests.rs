//! A process in a process: joined, or in a savepoint.

use std::sync::Arc;

use dullahan_core::{Context, Core, DefaultAction, Error, ErrorKind, Inject, Process, Result};

use crate::memory_store::MemoryStore;

#[derive(Process)]
struct ImportProcess {
    in_savepoint: bool,
}

#[derive(Process)]
struct ImportPictureProcess;

async fn import(
    mut ev: DefaultAction<'_, ImportProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    store.put(ev.context(), "article", "text").await?;
    let picture = match ev.in_savepoint {
        true => ev.dispatch_in_savepoint(ImportPictureProcess).await,
        false => ev.dispatch(ImportPictureProcess).await,
    };
    if picture.is_err() {
        store.put(ev.context(), "picture", "none").await?; // swallows the error
    }
    Ok(())
}

async fn import_picture(
    ev: DefaultAction<'_, ImportPictureProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    store.put(ev.context(), "thumbnail", "half done").await?;
    Err(Error::new(ErrorKind::Unavailable))
}

#[tokio::test]
async fn a_joined_process_dooms_the_one_around_it_and_a_savepoint_does_not()
-> Result<(), Box<dyn std::error::Error>> {
    let store = Arc::new(MemoryStore::default());
    let mut core = Core::builder();
    core.units_of_work(store.clone()).provide(store.clone());
    core.declare::<ImportProcess>().default(import);
    core.declare::<ImportPictureProcess>().default(import_picture);
    let core = core.build()?;
    let context = Context::new();

    let joined = core.dispatch(&context, ImportProcess { in_savepoint: false }).await;
    let message = joined.unwrap_err().to_string();
    assert!(message.contains("`ImportPictureProcess` failed inside of this unit of work"));
    assert!(store.keys().is_empty());

    core.dispatch(&context, ImportProcess { in_savepoint: true }).await?;
    assert_eq!(store.keys(), ["article", "picture"]);
    Ok(())
}
