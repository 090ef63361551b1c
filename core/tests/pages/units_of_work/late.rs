//! What runs late: an after-listener, a committed listener, and an outbox with a worker.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicUsize, Ordering},
};

use dullahan_core::{
    After, Committed, Context, Core, DefaultAction, Error, Inject, Process, Result, Saga,
};

use crate::memory_store::MemoryStore;

#[derive(Process)]
struct OrderProcess {
    item: &'static str,
}

/// After: the mail is queued in the transaction of the order. Both are stored, or neither.
async fn queue_mail(ev: After<'_, OrderProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), "outbox", ev.item).await
}

/// Committed: the order is stored, and stays so if this fails or never runs.
fn refresh_search(_: Committed<'_, OrderProcess>, search: Inject<'_, Search>) -> Result<()> {
    search.refresh()
}

/// Run by a worker, again and again.
#[derive(Saga)]
struct SendMailSaga;

#[derive(Process)]
struct EmptyOutboxProcess;

async fn send_mail(
    mut ev: DefaultAction<'_, SendMailSaga>,
    store: Inject<'_, MemoryStore>,
    mailer: Inject<'_, Mailer>,
) -> Result<()> {
    let queued = store.get(ev.context(), "outbox").await?;
    if let Some(item) = queued.filter(|item| !item.is_empty()) {
        mailer.send(&item)?;
        // If the machine stops here, the row is still there, and the mail is sent again.
        ev.dispatch(EmptyOutboxProcess).await?;
    }
    Ok(())
}

async fn order(ev: DefaultAction<'_, OrderProcess>, store: Inject<'_, MemoryStore>) -> Result<()> {
    store.put(ev.context(), "order", ev.item).await
}

async fn empty_outbox(
    ev: DefaultAction<'_, EmptyOutboxProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<()> {
    store.put(ev.context(), "outbox", "").await
}

#[derive(Default)]
struct Search {
    refreshes: AtomicUsize,
}

impl Search {
    fn refresh(&self) -> Result<()> {
        self.refreshes.fetch_add(1, Ordering::Relaxed);
        Err(Error::unavailable("the index is being rebuilt"))
    }
}

#[derive(Default)]
struct Mailer {
    is_reachable: AtomicBool,
    sent: AtomicUsize,
}

impl Mailer {
    fn send(&self, _item: &str) -> Result<()> {
        if !self.is_reachable.load(Ordering::Relaxed) {
            return Err(Error::unavailable("the mail server does not answer"));
        }
        self.sent.fetch_add(1, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test]
async fn a_queued_mail_survives_what_a_committed_listener_does_not()
-> Result<(), Box<dyn std::error::Error>> {
    let (store, search) = (Arc::new(MemoryStore::default()), Arc::new(Search::default()));
    let mailer = Arc::new(Mailer::default());
    let mut core = Core::builder();
    core.units_of_work(store.clone()).provide(store.clone());
    core.provide(search.clone()).provide(mailer.clone());
    core.declare::<EmptyOutboxProcess>().default(empty_outbox);
    core.declare::<SendMailSaga>().default(send_mail);
    core.declare::<OrderProcess>().default(order);
    core.event::<OrderProcess>().after(queue_mail).committed(refresh_search);
    let core = core.build()?;

    core.dispatch(&Context::new(), OrderProcess { item: "horse" }).await?;
    assert_eq!(search.refreshes.load(Ordering::Relaxed), 1, "it failed, and is not tried again");
    assert_eq!(store.keys(), ["order", "outbox"]);

    assert!(core.run(SendMailSaga).await.is_err());
    assert_eq!(mailer.sent.load(Ordering::Relaxed), 0);

    mailer.is_reachable.store(true, Ordering::Relaxed);
    core.run(SendMailSaga).await?;
    core.run(SendMailSaga).await?;
    assert_eq!(mailer.sent.load(Ordering::Relaxed), 1);
    Ok(())
}
