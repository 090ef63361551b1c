//! A process of many steps, each of which fails in its turn.

use dullahan_core::{
    After, Before, Context, Core, DefaultAction, Error, ErrorKind, Event, Listener,
    ListenerOptions as _, Process, Result, Saga, Wrap,
};

use crate::support::{Log, MemoryStore, panic_with, store_builder};

#[derive(Saga)]
#[event(output = u32)]
struct RegisterSaga;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Process)]
#[event(output = u32, preventable)]
struct GrantRoleProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct IndexUser;

/// How a step goes wrong.
#[derive(Debug, Clone, Copy)]
enum Wrong {
    Error,
    Panic,
    Rejection,
}

/// A step that writes and, at its turn, goes wrong.
struct Step {
    number: usize,
    fails: Option<(usize, Wrong)>,
    store: MemoryStore,
}

impl Step {
    async fn take(&self, context: &Context) -> Result<u32> {
        self.store.put(context, format!("step {}", self.number), "done").await?;
        match self.fails {
            Some((number, Wrong::Error)) if number == self.number => {
                Err(Error::new(ErrorKind::Conflict))
            }
            Some((number, Wrong::Panic)) if number == self.number => panic_with("at its turn"),
            _ => Ok(7),
        }
    }
}

impl<E: Event> Listener<Before<'_, E>> for Step {
    async fn call(&self, mut ev: Before<'_, E>) -> Result<()> {
        if let Some((number, Wrong::Rejection)) = self.fails
            && number == self.number
        {
            ev.reject(dullahan_core::Violation::new("/name", "taken"));
        }
        self.take(ev.context()).await.map(drop)
    }
}

impl<E: Event<Output = u32>> Listener<Wrap<'_, E>> for Step {
    async fn call(&self, mut ev: Wrap<'_, E>) -> Result<u32> {
        self.take(ev.context()).await?;
        ev.next().await
    }
}

impl<E: Event> Listener<After<'_, E>> for Step {
    async fn call(&self, ev: After<'_, E>) -> Result<()> {
        self.take(ev.context()).await.map(drop)
    }
}

/// The default action of the outer process: a step, and then an event and a process inside of it.
struct CreateInSteps(Step);

impl Listener<DefaultAction<'_, CreateUserProcess>> for CreateInSteps {
    async fn call(&self, mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        self.0.take(ev.context()).await?;
        ev.dispatch(IndexUser).await?;
        ev.dispatch(GrantRoleProcess).await
    }
}

struct PlainStep(Step);

impl<E: Event<Output = u32>> Listener<DefaultAction<'_, E>> for PlainStep {
    async fn call(&self, ev: DefaultAction<'_, E>) -> Result<u32> {
        self.0.take(ev.context()).await
    }
}

const STEPS: usize = 13;

async fn create_in_a_saga(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<u32> {
    ev.dispatch(CreateUserProcess).await
}

/// A saga with a process in which an event and a process are nested; every listener is a step that may fail.
fn wire_steps(log: &Log, fails: Option<(usize, Wrong)>) -> (Core, MemoryStore) {
    let (mut core, store) = store_builder(log);
    let step = |number| Step { number, fails, store: store.clone() };
    core.declare::<RegisterSaga>().default(create_in_a_saga);
    core.declare::<CreateUserProcess>()
        .before(step(0).priority(1).named("0"))
        .before(step(1).named("1"))
        .wrap(step(2))
        .default(CreateInSteps(step(3)))
        .after(step(11).priority(1).named("11"))
        .after(step(12).named("12"))
        .rolled_back(log.rolled_back("rolled back"));
    core.declare::<IndexUser>()
        .before(step(4))
        .wrap(step(5))
        .default(PlainStep(step(6)))
        .after(step(7));
    core.declare::<GrantRoleProcess>().before(step(8)).default(PlainStep(step(9))).after(step(10));
    (core.build().unwrap(), store)
}

/// What happened, but for the savepoints around what a wrap surrounds.
fn without_savepoints(log: &Log) -> Vec<String> {
    let mut entries = log.entries();
    entries.retain(|entry| {
        !["savepoint ", "release ", "rollback to "].iter().any(|call| entry.starts_with(call))
    });
    entries
}

#[tokio::test]
async fn rolls_back_at_each_failing_step() {
    for number in 0..STEPS {
        for wrong in [Wrong::Error, Wrong::Panic] {
            let log = Log::new();
            let (core, store) = wire_steps(&log, Some((number, wrong)));

            let error = core.run(RegisterSaga).await.unwrap_err();

            let (fault, code) = match wrong {
                Wrong::Panic => (ErrorKind::Internal, "internal"),
                _ => (ErrorKind::Conflict, "conflict"),
            };
            assert_eq!(error.kind(), fault, "step {number}");
            assert!(store.keys().is_empty(), "step {number}: nothing is left of it");
            let entries = without_savepoints(&log);
            let mut expected = vec!["begin".to_owned()];
            expected.extend((0..=number).map(|step| format!("put step {step}")));
            expected.extend(["rollback".to_owned(), format!("rolled back: {code}")]);
            assert_eq!(entries, expected, "step {number}");
        }
    }

    let log = Log::new();
    let (core, store) = wire_steps(&log, None);
    assert_eq!(core.run(RegisterSaga).await.unwrap(), 7);
    assert_eq!(store.keys().len(), STEPS, "without a failure every step is stored");
}

#[tokio::test]
async fn a_rejection_rolls_back_as_well() {
    for (number, last_step) in [(0, 1), (1, 1), (4, 4), (8, 8)] {
        let log = Log::new();
        let (core, store) = wire_steps(&log, Some((number, Wrong::Rejection)));

        let error = core.run(RegisterSaga).await.unwrap_err();

        assert_eq!((error.kind(), error.violations().len()), (ErrorKind::Invalid, 1));
        assert!(store.keys().is_empty());
        assert_eq!(
            without_savepoints(&log)[last_step + 1..],
            [&format!("put step {last_step}"), "rollback", "rolled back: invalid"]
        );
    }
}
