//! Functors and functions in every phase.

use std::sync::Arc;

use dullahan_core::{
    After, Before, Committed, Context, Core, DefaultAction, Inject, Listener, Observe, Process,
    Result, RolledBack, Wrap,
};

use crate::support::{Log, MemoryStore};

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess {
    fails: bool,
}

/// Listens to every phase.
struct Everywhere {
    log: Arc<Log>,
}

impl Everywhere {
    fn new(log: Arc<Log>) -> Self {
        Self { log }
    }
}

impl Listener<Before<'_, CreateUserProcess>> for Everywhere {
    async fn call(&self, ev: Before<'_, CreateUserProcess>) -> Result<()> {
        self.log.add(format!("functor {ev:?}"));
        Ok(())
    }
}

impl Listener<Wrap<'_, CreateUserProcess>> for Everywhere {
    async fn call(&self, mut ev: Wrap<'_, CreateUserProcess>) -> Result<u32> {
        self.log.add(format!("functor {ev:?}"));
        ev.next().await
    }
}

impl Listener<DefaultAction<'_, CreateUserProcess>> for Everywhere {
    async fn call(&self, ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        self.log.add(format!("functor {ev:?}"));
        Ok(7)
    }
}

impl Listener<After<'_, CreateUserProcess>> for Everywhere {
    async fn call(&self, ev: After<'_, CreateUserProcess>) -> Result<()> {
        self.log.add(format!("functor {ev:?}"));
        if ev.fails { Err(dullahan_core::Error::internal("it is to fail")) } else { Ok(()) }
    }
}

impl Listener<Observe<'_, CreateUserProcess>> for Everywhere {
    async fn call(&self, ev: Observe<'_, CreateUserProcess>) -> Result<()> {
        self.log.add(format!("functor {ev:?} {:?}", ev.outcome()));
        Ok(())
    }
}

impl Listener<Committed<'_, CreateUserProcess>> for Everywhere {
    async fn call(&self, ev: Committed<'_, CreateUserProcess>) -> Result<()> {
        self.log.add(format!("functor {ev:?} {}", ev.output()));
        Ok(())
    }
}

impl Listener<RolledBack<'_, CreateUserProcess>> for Everywhere {
    async fn call(&self, ev: RolledBack<'_, CreateUserProcess>) -> Result<()> {
        self.log.add(format!("functor {ev:?} {}", ev.error().code()));
        Ok(())
    }
}

mod functions {
    use super::{
        After, Before, Committed, CreateUserProcess, Inject, Log, Observe, Result, RolledBack, Wrap,
    };

    pub(super) fn before(ev: Before<'_, CreateUserProcess>, log: Inject<'_, Log>) -> Result<()> {
        log.add(format!("function {ev:?}"));
        Ok(())
    }

    pub(super) async fn wrap(
        mut ev: Wrap<'_, CreateUserProcess>,
        log: Inject<'_, Log>,
    ) -> Result<u32> {
        log.add(format!("function {ev:?}"));
        ev.next().await
    }

    pub(super) fn after(ev: After<'_, CreateUserProcess>, log: Inject<'_, Log>) -> Result<()> {
        log.add(format!("function {ev:?}"));
        Ok(())
    }

    pub(super) fn observe(ev: Observe<'_, CreateUserProcess>, log: Inject<'_, Log>) -> Result<()> {
        log.add(format!("function {ev:?}"));
        Ok(())
    }

    pub(super) async fn committed(
        ev: Committed<'_, CreateUserProcess>,
        log: Inject<'_, Log>,
    ) -> Result<()> {
        log.add(format!("function {ev:?}"));
        Ok(())
    }

    pub(super) async fn rolled_back(
        ev: RolledBack<'_, CreateUserProcess>,
        log: Inject<'_, Log>,
    ) -> Result<()> {
        log.add(format!("function {ev:?}"));
        Ok(())
    }
}

#[tokio::test]
async fn functors_and_functions_listen_to_every_phase() {
    let log = Log::new();
    let mut core = Core::builder();
    core.provide(Arc::new(log.clone())).units_of_work(MemoryStore::new(&log).provider());
    core.declare::<CreateUserProcess>()
        .before(Everywhere::new)
        .before(functions::before)
        .wrap(Everywhere::new)
        .wrap(functions::wrap)
        .default(Everywhere::new)
        .after(Everywhere::new)
        .after(functions::after)
        .observe(Everywhere::new)
        .observe(functions::observe)
        .committed(Everywhere::new)
        .committed(functions::committed)
        .rolled_back(Everywhere::new)
        .rolled_back(functions::rolled_back);
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CreateUserProcess { fails: false }).await.unwrap();
    assert_eq!(
        log.take(),
        [
            "functor Before<CreateUserProcess>",
            "function Before<CreateUserProcess>",
            "functor Wrap<CreateUserProcess>",
            "function Wrap<CreateUserProcess>",
            "functor DefaultAction<CreateUserProcess>",
            "functor After<CreateUserProcess>",
            "function After<CreateUserProcess>",
            "functor Observe<CreateUserProcess> Completed",
            "function Observe<CreateUserProcess>",
            "functor Committed<CreateUserProcess> 7",
            "function Committed<CreateUserProcess>",
        ]
    );

    core.dispatch(&Context::new(), CreateUserProcess { fails: true }).await.unwrap_err();
    assert_eq!(
        log.take()[6..],
        [
            "functor Observe<CreateUserProcess> Failed: an internal error occurred (internal) in \
             `wiring::listeners::phases::Everywhere` of CreateUserProcess: it is to fail",
            "function Observe<CreateUserProcess>",
            "functor RolledBack<CreateUserProcess> internal",
            "function RolledBack<CreateUserProcess>",
        ]
    );
}
