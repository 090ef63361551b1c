//! Futures that are dropped in the middle: the client went away, or a step took too long.

use std::sync::Arc;

use dullahan_core::{
    Before, Committed, Context, Core, DefaultAction, Event, Inject, Listener, Observe, Process,
    Result, Saga,
};

use crate::support::{Log, MemoryStore, Stepper, give_up_after, pause};

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

#[derive(Clone, Debug, PartialEq)]
struct Tenant(&'static str);

async fn register(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<u32> {
    pause().await;
    ev.dispatch(CreateUserProcess).await
}

async fn set_tenant(ev: Before<'_, CreateUserProcess>) -> Result<()> {
    ev.context().insert(Tenant("north"));
    pause().await;
    Ok(())
}

async fn create(
    mut ev: DefaultAction<'_, CreateUserProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    store.put(ev.context(), "user", "7").await?;
    ev.dispatch(IndexUser).await?;
    ev.dispatch_in_savepoint(GrantRoleProcess).await
}

async fn index(ev: DefaultAction<'_, IndexUser>, store: Inject<'_, MemoryStore>) -> Result<u32> {
    store.put(ev.context(), "index", "7").await?;
    Ok(7)
}

async fn grant(
    ev: DefaultAction<'_, GrantRoleProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    store.put(ev.context(), "role", "admin").await?;
    pause().await;
    Ok(7)
}

async fn send_mail(_: Committed<'_, CreateUserProcess>, log: Inject<'_, Log>) -> Result<()> {
    pause().await;
    log.add("mail");
    Ok(())
}

/// An observer that gives way while it looks.
struct Look {
    name: &'static str,
    log: Log,
}

impl<E: Event> Listener<Observe<'_, E>> for Look {
    async fn call(&self, _: Observe<'_, E>) -> Result<()> {
        self.log.add(format!("{} is observed", self.name));
        pause().await;
        Ok(())
    }
}

/// A constructor of [`Look`], as a listener to register.
fn look(name: &'static str) -> impl Fn(Arc<Log>) -> Look + Send + Sync + 'static {
    move |log| Look { name, log: (*log).clone() }
}

fn wire(log: &Log) -> (Core, MemoryStore) {
    let store = MemoryStore::new(log);
    let mut core = Core::builder();
    core.units_of_work(store.provider());
    core.provide(Arc::new(store.clone())).provide(Arc::new(log.clone()));
    core.declare::<RegisterSaga>().default(register);
    core.declare::<CreateUserProcess>()
        .before(set_tenant)
        .default(create)
        .observe(log.observe("create"))
        .committed(send_mail)
        .rolled_back(log.rolled_back("rolled back"));
    core.declare::<IndexUser>()
        .default(index)
        .observe(look("index"))
        .committed(log.committed("index committed"));
    core.declare::<GrantRoleProcess>().default(grant).observe(look("grant"));
    (core.build().unwrap(), store)
}

/// What happens when nobody goes away.
const UNDISTURBED: [&str; 14] = [
    "begin",
    "put user",
    "put index",
    "index is observed",
    "savepoint 0",
    "savepoint 1",
    "put role",
    "release 1",
    "grant is observed",
    "release 0",
    "commit",
    "create: completed",
    "index committed",
    "mail",
];

#[test]
fn polled_by_hand_everything_is_as_it_was() {
    let log = Log::new();
    let (core, store) = wire(&log);

    assert_eq!(Stepper::new(core.run(RegisterSaga)).finish().unwrap(), 7);

    assert_eq!(log.entries(), UNDISTURBED);
    assert_eq!(store.keys(), ["index", "role", "user"]);
}

#[test]
fn dropped_future_rolls_back() {
    let mut dropped_at = 0;
    loop {
        let log = Log::new();
        let (core, store) = wire(&log);
        let context = Context::new();
        let mut stepper = Stepper::new(core.run_in(&context, RegisterSaga));
        let is_over = (0..dropped_at).any(|_| stepper.step().is_some());
        if is_over {
            break;
        }
        let before = log.take();
        drop(stepper);
        let on_drop = log.take();

        let committed = before.iter().any(|entry| entry == "commit");
        let begun = before.iter().any(|entry| entry == "begin");
        assert_eq!(before, UNDISTURBED[..before.len()], "step {dropped_at}");
        if committed {
            assert_eq!(store.keys(), ["index", "role", "user"], "step {dropped_at}");
            assert!(on_drop.is_empty(), "step {dropped_at}: {on_drop:?}");
        } else {
            assert!(store.keys().is_empty(), "step {dropped_at}");
            let expected: &[&str] = if begun { &["rollback by drop"] } else { &[] };
            assert_eq!(on_drop, expected, "step {dropped_at}");
        }

        assert_eq!(Stepper::new(core.run_in(&context, RegisterSaga)).finish().unwrap(), 7);
        assert_eq!(log.entries(), UNDISTURBED, "step {dropped_at}: the core is as it was");
        dropped_at += 1;
    }
    assert!(dropped_at > 15, "there are many places to be dropped at: {dropped_at}");
}

/// Gives up on a child after so many polls, then writes something and ends well.
struct GiveUp {
    polls: usize,
    how: How,
    log: Log,
    store: MemoryStore,
}

#[derive(Clone, Copy, PartialEq)]
enum How {
    PlainEvent,
    Savepoint,
    Joined,
}

impl Listener<DefaultAction<'_, CreateUserProcess>> for GiveUp {
    async fn call(&self, mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        self.store.put(ev.context(), "user", "7").await?;
        ev.context().insert(Tenant("north"));
        let given = match self.how {
            How::PlainEvent => give_up_after(self.polls, ev.dispatch(IndexUser)).await,
            How::Savepoint => {
                give_up_after(self.polls, ev.dispatch_in_savepoint(GrantRoleProcess)).await
            }
            How::Joined => give_up_after(self.polls, ev.dispatch(GrantRoleProcess)).await,
        };
        self.log.add(if given.transpose()?.is_some() { "got it" } else { "gave up" });
        assert_eq!(ev.context().get::<Tenant>(), Some(Tenant("north")));
        assert_eq!(ev.chain(), ["CreateUserProcess"]);
        self.store.put(ev.context(), "user again", "7").await?;
        Ok(7)
    }
}

fn wire_giving_up(log: &Log, polls: usize, how: How) -> (Core, MemoryStore) {
    let store = MemoryStore::new(log);
    let give_up = GiveUp { polls, how, log: log.clone(), store: store.clone() };
    let mut core = Core::builder();
    core.units_of_work(store.provider());
    core.provide(Arc::new(store.clone())).provide(Arc::new(log.clone()));
    core.declare::<CreateUserProcess>().default(give_up);
    core.declare::<IndexUser>()
        .default(index)
        .observe(look("index"))
        .committed(log.committed("index committed"))
        .rolled_back(log.rolled_back("index rolled back"));
    core.declare::<GrantRoleProcess>()
        .before(async |mut ev: Before<'_, GrantRoleProcess>| ev.dispatch(IndexUser).await.map(drop))
        .default(grant)
        .observe(look("grant"))
        .committed(log.committed("grant committed"))
        .rolled_back(log.rolled_back("grant rolled back"));
    (core.build().unwrap(), store)
}

/// Gives up on the child at each of its await points in turn, until it is fast enough.
fn at_each_await_point(
    how: How,
    check: impl Fn(usize, bool, Result<u32>, &MemoryStore, &[String]),
) {
    for polls in 0.. {
        let log = Log::new();
        let (core, store) = wire_giving_up(&log, polls, how);
        let context = Context::new();
        let result = Stepper::new(core.dispatch(&context, CreateUserProcess)).finish();
        let entries = log.entries();
        let gave_up = entries.iter().any(|entry| entry == "gave up");
        check(polls, gave_up, result, &store, &entries);
        if !gave_up {
            assert!(polls > 1, "there are some places to give up at");
            return;
        }
    }
}

#[test]
fn core_02_a_cancelled_plain_event_is_committed_if_it_had_ended() {
    at_each_await_point(How::PlainEvent, |polls, _, result, store, entries| {
        assert_eq!(result.unwrap(), 7, "{polls} polls");
        let keys = store.keys();
        assert!(keys.contains(&"user".to_owned()) && keys.contains(&"user again".to_owned()));
        let committed = entries.iter().any(|entry| entry == "index committed");
        let had_ended = entries.iter().any(|entry| entry == "index is observed");
        assert_eq!(committed, had_ended, "{polls} polls: an observer changes no outcome");
    });
}

#[test]
fn core_02_a_cancelled_savepoint_is_undone_alone_observed_or_not() {
    at_each_await_point(How::Savepoint, |polls, gave_up, result, store, entries| {
        let committed = entries.iter().filter(|entry| entry.ends_with(" committed")).count();
        if gave_up && result.is_err() {
            // The store did it and the answer was lost: the savepoint cannot be told from one that is open.
            assert!(entries.iter().any(|entry| entry == "release 0"), "{polls} polls: {entries:?}");
            assert!(store.keys().is_empty(), "{polls} polls");
        } else if gave_up {
            assert_eq!(store.keys(), ["user", "user again"], "{polls} polls: {entries:?}");
            assert_eq!(committed, 0, "{polls} polls");
            assert!(
                !entries.iter().any(|entry| entry.contains("rolled back")),
                "nobody is left who could call them: {entries:?}"
            );
        } else {
            assert_eq!(store.keys(), ["index", "role", "user", "user again"]);
            assert_eq!(committed, 2);
        }
    });
}

#[test]
fn core_02_a_cancelled_joined_process_dooms_the_commit_observed_or_not() {
    at_each_await_point(How::Joined, |polls, gave_up, result, store, entries| {
        // A future that is never polled has not begun.
        if gave_up && polls > 0 {
            let error = result.unwrap_err();
            assert!(error.to_string().contains("`GrantRoleProcess` failed inside"), "{error}");
            assert!(store.keys().is_empty(), "{polls} polls: {entries:?}");
            assert_eq!(entries.iter().filter(|entry| *entry == "rollback").count(), 1);
            let told: Vec<_> =
                entries.iter().filter(|entry| entry.contains("rolled back")).collect();
            let had_ended = entries.iter().any(|entry| entry == "index is observed");
            assert!(!had_ended || told == ["index rolled back: internal"], "{polls}: {told:?}");
        } else {
            assert_eq!(result.unwrap(), 7, "{polls} polls: {entries:?}");
        }
    });
}

#[test]
fn a_call_that_is_given_up_while_another_has_the_unit_of_work_leaves_it_usable() {
    async fn race(
        ev: DefaultAction<'_, CreateUserProcess>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<u32> {
        let slow = store.put(ev.context(), "slow", "1");
        let waiting = give_up_after(2, store.put(ev.context(), "waiting", "1"));
        let (slow, waiting) = tokio::join!(slow, waiting);
        slow?;
        assert!(waiting.is_none());
        store.put(ev.context(), "after", "1").await?;
        Ok(7)
    }

    let log = Log::new();
    let store = MemoryStore::new(&log);
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(Arc::new(store.clone()));
    core.declare::<CreateUserProcess>().default(race);
    let core = core.build().unwrap();

    Stepper::new(core.dispatch(&Context::new(), CreateUserProcess)).finish().unwrap();

    assert_eq!(store.keys(), ["after", "slow"]);
    assert_eq!(log.entries(), ["begin", "put slow", "put after", "commit"]);
}
