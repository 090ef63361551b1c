//! Beside a unit of work: what reads outside of it, and what tells one from another.

use std::sync::Arc;

use dullahan_core::{
    After, Context, DefaultAction, Error, Inject, Process, Result, unit_of_work::UnitOfWorkId,
};
use parking_lot::Mutex;

use crate::support::{Log, MemoryStore, store_builder};

#[derive(Clone, Process)]
#[event(repeatable)]
struct RenameProcess;

#[derive(Process)]
struct LookProcess;

#[derive(Clone)]
struct Tenant(&'static str);

#[derive(Default)]
struct Ids(Mutex<Vec<Option<UnitOfWorkId>>>);

#[tokio::test]
async fn reading_outside_of_the_unit_of_work_sees_what_is_committed_and_the_values_of_the_request()
{
    async fn rename(
        ev: DefaultAction<'_, RenameProcess>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<()> {
        let outside = ev.context().outside_of_unit_of_work();
        assert_eq!(store.get(&outside, "name").await?.as_deref(), Some("old"));
        assert_eq!(outside.get::<Tenant>().map(|tenant| tenant.0), Some("north"));
        assert!(outside.unit_of_work_id().is_none());
        store.put(ev.context(), "name", "new").await?;
        assert_eq!(store.get(&outside, "name").await?.as_deref(), Some("old"), "not yet committed");
        assert_eq!(store.get(ev.context(), "name").await?.as_deref(), Some("new"));
        let refused = store.put(&outside, "name", "lost").await.unwrap_err();
        assert!(refused.to_string().contains("outside of a process"), "{refused}");
        Ok(())
    }

    let log = Log::new();
    let (mut core, store) = store_builder(&log);
    core.declare::<RenameProcess>().default(rename);
    core.declare::<LookProcess>().default(
        async |ev: DefaultAction<'_, LookProcess>, store: Inject<'_, MemoryStore>| {
            store.put(ev.context(), "name", "old").await
        },
    );
    let core = core.build().unwrap();
    let context = Context::new();
    core.dispatch(&context, LookProcess).await.unwrap();
    core.dispatch(&context.with(Tenant("north")), RenameProcess).await.unwrap();
    assert_eq!(store.get(&context, "name").await.unwrap().as_deref(), Some("new"));
}

#[tokio::test]
async fn a_read_outside_begins_no_unit_of_work() {
    let log = Log::new();
    let (mut core, _store) = store_builder(&log);
    core.declare::<LookProcess>().default(
        async |ev: DefaultAction<'_, LookProcess>, store: Inject<'_, MemoryStore>| {
            store.get(&ev.context().outside_of_unit_of_work(), "name").await.map(drop)
        },
    );
    core.build().unwrap().dispatch(&Context::new(), LookProcess).await.unwrap();
    assert!(log.entries().is_empty(), "{:?}", log.entries());
}

#[tokio::test]
async fn each_unit_of_work_has_an_identity_of_its_own_that_its_parts_share() {
    async fn note(mut ev: DefaultAction<'_, RenameProcess>, ids: Inject<'_, Ids>) -> Result<()> {
        ids.0.lock().push(ev.context().unit_of_work_id());
        ev.dispatch(LookProcess).await?;
        ev.dispatch_in_savepoint(LookProcess).await?;
        match ev.context().attempt() {
            1 => Err(Error::transient("lost")),
            _ => Ok(()),
        }
    }

    fn look(ev: DefaultAction<'_, LookProcess>, ids: Inject<'_, Ids>) -> Result<()> {
        ids.0.lock().push(ev.context().unit_of_work_id());
        Ok(())
    }

    fn after(ev: After<'_, RenameProcess>, ids: Inject<'_, Ids>) -> Result<()> {
        ids.0.lock().push(ev.context().unit_of_work_id());
        Ok(())
    }

    let ids = Arc::new(Ids::default());
    let (mut core, _store) = store_builder(&Log::new());
    core.provide(Arc::clone(&ids));
    core.declare::<RenameProcess>().default(note).after(after);
    core.declare::<LookProcess>().default(look);
    let core = core.build().unwrap();
    core.dispatch(&Context::new(), RenameProcess).await.unwrap();

    let ids = ids.0.lock().clone();
    assert_eq!(ids.len(), 7);
    assert!(ids[0].is_some() && ids[..3].iter().all(|id| *id == ids[0]), "{ids:?}");
    assert!(ids[3].is_some() && ids[3..].iter().all(|id| *id == ids[3]), "{ids:?}");
    assert_ne!(ids[0], ids[3], "each attempt has another one");
    assert!(Context::new().unit_of_work_id().is_none());
}
