//! Futures that run side by side in one process, and repositories that ask while they hold.

use std::{sync::Arc, time::Duration};

use dullahan_core::{
    BoxFuture, Context, Core, CoreBuilder, DefaultAction, Error, ErrorKind, Event, Inject,
    Listener, Process, Result,
    unit_of_work::{UnitOfWork, UnitOfWorkProvider},
};

use crate::support::{Log, MemoryStore, give_up_after, pause, put, store_builder};

#[derive(Process)]
#[event(output = u32, preventable)]
struct ImportProcess;

#[derive(Process)]
#[event(output = u32, preventable)]
struct PictureProcess {
    name: &'static str,
    fails: bool,
}

/// Dispatches a picture in a savepoint: two of these run side by side.
#[derive(Event)]
#[event(output = u32, preventable)]
struct ImportPicture {
    name: &'static str,
    fails: bool,
}

async fn import_picture(mut ev: DefaultAction<'_, ImportPicture>) -> Result<u32> {
    let picture = PictureProcess { name: ev.name, fails: ev.fails };
    Ok(ev.dispatch_in_savepoint(picture).await.unwrap_or(0))
}

async fn picture(
    ev: DefaultAction<'_, PictureProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    store.put(ev.context(), ev.name, "half").await?;
    pause().await;
    store.put(ev.context(), format!("{} again", ev.name), "whole").await?;
    if ev.fails { Err(Error::new(ErrorKind::Conflict)) } else { Ok(1) }
}

/// The core is not known before it is built, and the import has to dispatch twice at once.
#[derive(Clone)]
struct Import {
    core: Arc<std::sync::OnceLock<Core>>,
    fails: [bool; 2],
    store: MemoryStore,
}

impl Listener<DefaultAction<'_, ImportProcess>> for Import {
    async fn call(&self, ev: DefaultAction<'_, ImportProcess>) -> Result<u32> {
        let (core, context) = (self.core.get().unwrap(), ev.context());
        self.store.put(context, "article", "1").await?;
        let [one, two] = self.fails;
        let (one, two, caption) = tokio::join!(
            core.dispatch(context, ImportPicture { name: "one", fails: one }),
            core.dispatch(context, ImportPicture { name: "two", fails: two }),
            async {
                // Once the first savepoint is open.
                for _ in 0..4 {
                    pause().await;
                }
                self.store.put(context, "caption", "1").await
            },
        );
        caption?;
        Ok(one? + two?)
    }
}

fn wire(log: &Log, fails: [bool; 2]) -> (Core, MemoryStore) {
    let (mut core, store) = store_builder(log);
    let import = Import { core: Arc::default(), fails, store: store.clone() };
    core.declare::<ImportProcess>().default(import.clone());
    core.declare::<ImportPicture>().default(import_picture);
    core.declare::<PictureProcess>()
        .default(picture)
        .committed(log.committed("picture committed"))
        .rolled_back(log.rolled_back("picture rolled back"));
    let built = core.build().unwrap();
    import.core.set(built.clone()).ok().unwrap();
    (built, store)
}

#[tokio::test]
async fn pub_02_savepoints_at_the_same_time_run_one_after_the_other() {
    for fails in [[false, false], [true, false], [false, true], [true, true]] {
        let log = Log::new();
        let (core, store) = wire(&log, fails);

        let stored = core.dispatch(&Context::new(), ImportProcess).await.unwrap();

        let mut expected = vec!["article", "caption"];
        for (name, again, fails) in [("one", "one again", fails[0]), ("two", "two again", fails[1])]
        {
            if !fails {
                expected.extend([name, again]);
            }
        }
        assert_eq!(store.keys(), expected, "{fails:?}: {:?}", log.entries());
        assert_eq!(stored as usize, expected.len() / 2 - 1);
        let mut calls = log.entries();
        calls.retain(|entry| entry.starts_with("savepoint") || entry.contains("committed"));
        assert_eq!(calls[..2], ["savepoint 0", "savepoint 0"], "never one inside of the other");
        assert_eq!(calls.len() - 2, stored as usize);
    }
}

/// The store, with less patience.
struct Impatient(MemoryStore);

impl UnitOfWorkProvider for Impatient {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        self.0.begin()
    }

    fn wait_limit(&self) -> Duration {
        Duration::from_millis(200)
    }
}

fn impatient_builder(log: &Log) -> (CoreBuilder, MemoryStore) {
    let store = MemoryStore::new(log);
    let mut core = Core::builder();
    core.units_of_work(Arc::new(Impatient(store.clone()))).provide(Arc::new(store.clone()));
    (core, store)
}

#[tokio::test]
async fn core_05_asking_for_the_unit_of_work_while_holding_it_is_an_error_within_the_limit() {
    async fn hold_and_ask(
        ev: DefaultAction<'_, ImportProcess>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<u32> {
        let held = ev.context().unit_of_work().await?;
        store.put(ev.context(), "article", "1").await?;
        drop(held);
        Ok(1)
    }

    let log = Log::new();
    let (mut core, _) = impatient_builder(&log);
    core.declare::<ImportProcess>().default(hold_and_ask);
    core.declare::<PictureProcess>().default(put("picture"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), ImportProcess).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Internal);
    let said = error.to_string();
    assert!(said.contains("`ImportProcess`") && said.contains("drop its guard"), "{said}");
    core.dispatch(&Context::new(), PictureProcess { name: "", fails: false }).await.unwrap();
    assert_eq!(log.entries(), ["begin", "rollback", "begin", "put picture", "commit"]);
}

#[tokio::test]
async fn core_05_a_savepoint_that_waits_for_what_waits_for_it_is_an_error_within_the_limit() {
    #[derive(Clone)]
    struct HoldAndDispatch(Arc<std::sync::OnceLock<Core>>);

    impl Listener<DefaultAction<'_, ImportProcess>> for HoldAndDispatch {
        async fn call(&self, ev: DefaultAction<'_, ImportProcess>) -> Result<u32> {
            let held = ev.context().unit_of_work().await?;
            let picture = ImportPicture { name: "one", fails: false };
            let stored = self.0.get().unwrap().dispatch(ev.context(), picture).await;
            drop(held);
            stored
        }
    }

    let log = Log::new();
    let (mut core, store) = impatient_builder(&log);
    let import = HoldAndDispatch(Arc::default());
    core.declare::<ImportProcess>().default(import.clone());
    core.declare::<ImportPicture>().default(import_picture);
    core.declare::<PictureProcess>().default(picture);
    let core = core.build().unwrap();
    import.0.set(core.clone()).ok().unwrap();

    assert_eq!(core.dispatch(&Context::new(), ImportProcess).await.unwrap(), 0, "it fails alone");

    assert!(store.keys().is_empty());
    assert_eq!(log.entries(), ["begin", "commit"]);
}

#[tokio::test]
async fn core_05_a_savepoint_that_is_forgotten_fails_the_process_and_keeps_nobody_waiting() {
    async fn forget(mut ev: DefaultAction<'_, ImportProcess>, log: Inject<'_, Log>) -> Result<u32> {
        let mut picture =
            Box::pin(ev.dispatch_in_savepoint(PictureProcess { name: "one", fails: false }));
        // In between two calls of the store.
        while log.entries().last().is_none_or(|entry| entry != "put one") {
            assert!(give_up_after(1, &mut picture).await.is_none());
        }
        std::mem::forget(picture);
        Ok(1)
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<ImportProcess>().default(forget);
    core.declare::<PictureProcess>().default(picture);
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), ImportProcess).await.unwrap_err();

    assert!(error.to_string().contains("`PictureProcess`"), "{error}");
    assert!(store.keys().is_empty());
    assert_eq!(log.entries().last().unwrap(), "rollback");
}
