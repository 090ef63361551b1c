//! Preventing the default action, and giving an output in its place.

use dullahan_core::{
    After, Before, Context, Core, DefaultAction, ErrorKind, Event, Inject, ListenerOptions as _,
    Process, Result,
};

use crate::support::{Log, MemoryStore};

#[derive(Event)]
#[event(output = u32, preventable)]
struct CountUsers;

async fn from_the_cache(mut ev: Before<'_, CountUsers>) -> Result<()> {
    ev.respond(41);
    Ok(())
}

fn forty_two(_: DefaultAction<'_, CountUsers>) -> Result<u32> {
    Ok(42)
}

#[tokio::test]
async fn prevent_skips_default_and_is_reported() {
    let log = Log::new();
    let wire = |is_cached: bool| {
        let mut core = Core::builder();
        core.declare::<CountUsers>()
            .default(log.perform("default", 42))
            .observe(log.observe("observe"));
        if is_cached {
            core.event::<CountUsers>().before(from_the_cache);
        }
        core.build().unwrap()
    };

    assert_eq!(wire(true).dispatch(&Context::new(), CountUsers).await.unwrap(), 41);
    assert_eq!(log.take(), ["observe: prevented by it::preventing::from_the_cache"]);

    assert_eq!(wire(false).dispatch(&Context::new(), CountUsers).await.unwrap(), 42);
    assert_eq!(log.take(), ["default", "observe: completed"]);
}

#[tokio::test]
async fn prevent_is_one_way() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .default(forty_two)
        .before(
            (|mut ev: Before<'_, CountUsers>| {
                assert!(!ev.is_default_prevented());
                ev.prevent_default();
                Ok(())
            })
            .priority(3)
            .named("the first"),
        )
        .before(
            (|mut ev: Before<'_, CountUsers>| {
                assert!(ev.is_default_prevented(), "later listeners still run and see it");
                assert_eq!(ev.response(), None);
                ev.respond(1);
                Ok(())
            })
            .priority(2)
            .named("the second"),
        )
        .before(
            (|mut ev: Before<'_, CountUsers>| {
                assert_eq!(ev.response(), Some(&1));
                ev.respond(2);
                Ok(())
            })
            .priority(1)
            .named("the third"),
        )
        .after(|ev: After<'_, CountUsers>| {
            assert!(ev.was_default_prevented());
            Ok(())
        })
        .observe(log.observe("observe"));
    let core = core.build().unwrap();

    let context = Context::new().with_trace();
    assert_eq!(core.dispatch(&context, CountUsers).await.unwrap(), 2, "the last one wins");
    assert_eq!(log.entries(), ["observe: prevented by the first"]);
    let trace = context.trace().unwrap();
    assert_eq!(trace.dispatches[0].prevented_by.as_deref(), Some("the first"));
}

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[tokio::test]
async fn prevented_without_output_is_not_handled() {
    async fn prevent(
        mut ev: Before<'_, CreateUserProcess>,
        store: Inject<'_, MemoryStore>,
    ) -> Result<()> {
        store.put(ev.context(), "attempt", "1").await?;
        ev.prevent_default();
        Ok(())
    }

    let log = Log::new();
    let store = MemoryStore::new(&log);
    let mut core = Core::builder();
    core.units_of_work(store.provider()).provide(std::sync::Arc::new(store.clone()));
    core.declare::<CreateUserProcess>()
        .before(prevent.priority(1))
        .before(log.before("before"))
        .default(log.perform("default", 42))
        .after(log.after("after"))
        .observe(log.observe("observe"))
        .committed(log.committed("committed"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert!(error.is_not_handled());
    assert_eq!(error.kind(), ErrorKind::Internal);
    assert!(error.to_string().contains("`CreateUserProcess`"), "{error}");
    assert!(store.keys().is_empty());
    assert_eq!(
        log.entries(),
        [
            "begin",
            "put attempt",
            "before",
            "rollback",
            "observe: failed, step_unhandled",
            "rolled back: step_unhandled",
        ]
    );
}

#[tokio::test]
async fn prevented_without_output_is_not_handled_where_all_is_sync() {
    let mut core = Core::builder();
    core.declare::<CountUsers>().default(forty_two).before(|mut ev: Before<'_, CountUsers>| {
        ev.prevent_default();
        Ok(())
    });
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), CountUsers).await.unwrap_err();

    assert!(error.is_not_handled());
}

#[tokio::test]
async fn an_event_without_an_output_is_skipped_by_responding_and_not_by_preventing_it() {
    #[derive(Process)]
    #[event(preventable)]
    struct SendMailProcess;

    let log = Log::new();
    for (is_answered, outcome) in [(true, "prevented by skip"), (false, "failed, step_unhandled")] {
        let mut core = Core::builder();
        core.units_of_work(MemoryStore::new(&Log::new()).provider());
        core.declare::<SendMailProcess>()
            .before(
                (move |mut ev: Before<'_, SendMailProcess>| {
                    if is_answered {
                        ev.respond(());
                    } else {
                        ev.prevent_default();
                    }
                    Ok(())
                })
                .named("skip"),
            )
            .default(log.perform("default", ()))
            .observe(log.observe("observe"));
        let core = core.build().unwrap();
        assert_eq!(core.dispatch(&Context::new(), SendMailProcess).await.is_ok(), is_answered);
        assert_eq!(log.take(), [format!("observe: {outcome}")]);
    }
}

/// In the place of cases 15 and 16: to respond is to prevent, whatever is said besides.
#[tokio::test]
async fn whoever_responds_does_the_step() {
    fn prevent_and_respond(mut ev: Before<'_, CountUsers>) -> Result<()> {
        ev.prevent_default();
        ev.respond(41);
        Ok(())
    }

    fn respond_and_prevent(mut ev: Before<'_, CountUsers>) -> Result<()> {
        ev.respond(41);
        ev.prevent_default();
        Ok(())
    }

    fn add_one(mut ev: After<'_, CountUsers>) -> Result<()> {
        assert!(ev.was_default_prevented());
        assert_eq!(*ev.output(), 41);
        *ev.output_mut() += 1;
        Ok(())
    }

    let log = Log::new();
    let wire = || {
        let mut core = Core::builder();
        core.declare::<CountUsers>()
            .default(log.perform("default", 0))
            .after(add_one)
            .observe(log.observe("observe"));
        core
    };
    let (mut one, mut two, mut three) = (wire(), wire(), wire());
    one.event::<CountUsers>().before(from_the_cache.named("one"));
    two.event::<CountUsers>().before(prevent_and_respond.named("two"));
    three.event::<CountUsers>().before(respond_and_prevent.named("three"));

    for core in [one, two, three] {
        let core = core.build().unwrap();
        assert_eq!(core.dispatch(&Context::new(), CountUsers).await.unwrap(), 42);
    }
    assert_eq!(
        log.entries(),
        ["observe: prevented by one", "observe: prevented by two", "observe: prevented by three"]
    );
}

#[tokio::test]
async fn preventing_skips_the_wraps_as_well() {
    async fn wrap(mut ev: dullahan_core::Wrap<'_, CountUsers>) -> Result<u32> {
        Ok(ev.next().await? * 2)
    }

    let mut core = Core::builder();
    core.declare::<CountUsers>().default(forty_two).wrap(wrap).before(from_the_cache);
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), CountUsers).await.unwrap(), 41);
}

#[tokio::test]
async fn stop_ends_the_phase_and_nothing_else() {
    let log = Log::new();
    let stopping = log.clone();
    let stopping_after = log.clone();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .before(log.before("before").priority(2))
        .before(
            (move |mut ev: Before<'_, CountUsers>| {
                stopping.add("before, stopping");
                ev.stop();
                Ok(())
            })
            .priority(1),
        )
        .before(log.before("never"))
        .default(log.perform("default", 42))
        .after(log.after("after").priority(2))
        .after(
            (move |mut ev: After<'_, CountUsers>| {
                stopping_after.add("after, stopping");
                ev.stop();
                Ok(())
            })
            .priority(1),
        )
        .after(log.after("never"))
        .observe(log.observe("observe"))
        .committed(log.committed("committed"));
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), CountUsers).await.unwrap(), 42);
    assert_eq!(
        log.entries(),
        [
            "before",
            "before, stopping",
            "default",
            "after",
            "after, stopping",
            "observe: completed",
            "committed",
        ]
    );
}

#[tokio::test]
async fn an_error_of_a_listener_that_stopped_still_ends_the_dispatch() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .before(|mut ev: Before<'_, CountUsers>| {
            ev.stop();
            Err(dullahan_core::Error::new(ErrorKind::Forbidden))
        })
        .default(log.perform("default", 42));
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), CountUsers).await.unwrap_err();

    assert_eq!(error.kind(), ErrorKind::Forbidden);
    assert!(log.entries().is_empty());
}

#[tokio::test]
async fn stopping_among_async_listeners_ends_the_phase_as_well() {
    async fn stop(mut ev: Before<'_, CountUsers>) -> Result<()> {
        ev.stop();
        Ok(())
    }

    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .before(log.before("before").priority(2))
        .before(stop.priority(1))
        .before(log.before("never"))
        .default(log.perform("default", 42))
        .after(log.after("after"));
    let core = core.build().unwrap();

    core.dispatch(&Context::new(), CountUsers).await.unwrap();

    assert_eq!(log.entries(), ["before", "default", "after"]);
}
