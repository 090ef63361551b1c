//! The trace of a saga: a tree, and who did what in it.

use dullahan_core::{
    Before, Context, Core, DefaultAction, Event, ListenerOptions as _, Process, Result, Saga, Wrap,
    event::Kind,
    phase::PhaseName,
    trace::{Fate, Trace, TracedDispatch},
};
use expect_test::expect;

use crate::support::{Log, give_up_after, pause, put, store_builder};

#[derive(Saga)]
#[event(output = u32)]
struct RegisterUserSaga;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct HashPassword;

/// The trace with nothing in it that differs from run to run.
fn timeless(trace: &Trace) -> String {
    let text = trace.to_string();
    let lines = text.lines().map(|line| match line.rsplit_once([' ', ',']) {
        Some((rest, last)) if last.ends_with('s') && last.starts_with(|c: char| c.is_numeric()) => {
            format!("{} ..s\n", rest.trim_end_matches(','))
        }
        _ => format!("{line}\n"),
    });
    lines.collect()
}

fn fates(dispatch: &TracedDispatch) -> Vec<(&str, &Fate)> {
    dispatch.listeners.iter().map(|one| (one.name.as_str(), &one.fate)).collect()
}

#[tokio::test]
async fn trace_names_who_prevented_stopped_and_was_skipped() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<HashPassword>()
        .before(log.before("first").priority(9).named("first"))
        .before(
            (|mut ev: Before<'_, HashPassword>| {
                ev.respond(1);
                Ok(())
            })
            .priority(8)
            .named("preventer"),
        )
        .before(
            (|mut ev: Before<'_, HashPassword>| {
                ev.prevent_default();
                Ok(())
            })
            .priority(7)
            .named("prevents too"),
        )
        .before(log.before("on a condition").priority(6).named("on a condition").when(|_| false))
        .before(
            (|mut ev: Before<'_, HashPassword>| {
                ev.stop();
                Ok(())
            })
            .priority(5)
            .named("stopper"),
        )
        .before(log.before("late").priority(4).named("late"))
        .before(
            log.before("late, on a condition")
                .priority(3)
                .named("late, on a condition")
                .when(|_| false),
        )
        .wrap((async |mut ev: Wrap<'_, HashPassword>| ev.next().await).named("wrap"))
        .default(log.perform("default", 7).named("default"))
        .after(
            (|mut ev: dullahan_core::After<'_, HashPassword>| {
                ev.stop();
                Ok(())
            })
            .priority(1)
            .named("stops after"),
        )
        .after(log.after("late after").named("late after"))
        .observe(log.observe("observer").named("observer"))
        .committed(log.committed("committed").named("committed"))
        .rolled_back(log.rolled_back("rolled back").named("rolled back"));
    let core = core.build().unwrap();
    let context = Context::new().with_trace();

    assert_eq!(core.dispatch(&context, HashPassword).await.unwrap(), 1);

    let trace = context.trace().unwrap();
    expect![[r#"
        HashPassword (event) prevented ..s
          before      first: ran ..s
          before      preventer: ran ..s
          before      prevents too: ran ..s
          before      on a condition: skipped, its condition did not hold
          before      stopper: ran ..s
          before      late: skipped, stopped by stopper
          before      late, on a condition: skipped, stopped by stopper
          wrap        wrap: skipped, prevented by preventer
          default     default: skipped, prevented by preventer
          after       stops after: ran ..s
          after       late after: skipped, stopped by stops after
          observe     observer: ran ..s
          committed   committed: ran ..s
          rolled back rolled back: not called
    "#]]
    .assert_eq(&timeless(&trace));
    let [dispatch] = &trace.dispatches[..] else { panic!("{trace}") };
    assert_eq!(dispatch.prevented_by.as_deref(), Some("preventer"), "the first one");
    assert_eq!((dispatch.outcome.as_ref(), dispatch.default_runs), ("prevented", 0));
    let fate_of =
        |name: &str| fates(dispatch).into_iter().find(|(one, _)| *one == name).unwrap().1.clone();
    assert_eq!(fate_of("first"), Fate::Ran);
    assert_eq!(fate_of("prevents too"), Fate::Ran, "preventing stops nobody");
    assert_eq!(fate_of("on a condition"), Fate::ConditionFalse);
    assert_eq!(fate_of("late"), Fate::StoppedBy("stopper".to_owned()));
    assert_eq!(fate_of("late, on a condition"), Fate::StoppedBy("stopper".to_owned()));
    assert_eq!(fate_of("wrap"), Fate::PreventedBy("preventer".to_owned()));
    assert_eq!(fate_of("default"), Fate::PreventedBy("preventer".to_owned()));
    assert_eq!(fate_of("late after"), Fate::StoppedBy("stops after".to_owned()));
    assert_eq!(fate_of("rolled back"), Fate::NotSettled);
    assert_eq!(log.entries(), ["first", "observer: prevented by preventer", "committed"]);
}

/// A process in a saga, with an event in it, and one more event beside it.
fn nested(log: &Log) -> Core {
    async fn register(mut ev: DefaultAction<'_, RegisterUserSaga>) -> Result<u32> {
        let id = ev.dispatch(CreateUserProcess).await?;
        Ok(id + ev.dispatch(HashPassword).await?)
    }

    async fn hash(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(HashPassword).await.map(drop)
    }

    let (mut core, _) = store_builder(log);
    core.declare::<RegisterUserSaga>().default(register.named("register"));
    core.declare::<CreateUserProcess>()
        .before(hash.named("hash"))
        .default(put("user").named("create"));
    core.declare::<HashPassword>()
        .default((|_: DefaultAction<'_, HashPassword>| Ok(1)).named("argon"))
        .committed(log.committed("hashed").named("committed"));
    core.build().unwrap()
}

#[tokio::test]
async fn the_trace_is_a_tree_of_everything_that_was_dispatched() {
    let core = nested(&Log::new());
    let context = Context::new().with_trace();

    core.run_in(&context, RegisterUserSaga).await.unwrap();
    core.dispatch(&context, HashPassword).await.unwrap();

    let trace = context.trace().unwrap();
    expect![[r#"
        RegisterUserSaga (saga) completed ..s
          default     register: ran ..s
          CreateUserProcess (process) completed ..s
            before      hash: ran ..s
            default     create: ran ..s
            HashPassword (event) completed ..s
              default     argon: ran ..s
              committed   committed: ran ..s
          HashPassword (event) completed ..s
            default     argon: ran ..s
            committed   committed: ran ..s
        HashPassword (event) completed ..s
          default     argon: ran ..s
          committed   committed: ran ..s
    "#]]
    .assert_eq(&timeless(&trace));
    let [saga, event] = &trace.dispatches[..] else { panic!("{trace}") };
    assert_eq!((saga.event, saga.kind), ("RegisterUserSaga", Kind::Saga));
    let inside: Vec<_> = saga.children.iter().map(|child| child.event).collect();
    assert_eq!(inside, ["CreateUserProcess", "HashPassword"]);
    assert_eq!(saga.children[0].children[0].event, "HashPassword");
    assert_eq!((event.event, event.children.len()), ("HashPassword", 0));
    assert!(saga.took >= saga.children.iter().map(|child| child.took).sum());
    assert!(saga.took >= saga.listeners[0].took);
    assert!(saga.listeners[0].took >= saga.children.iter().map(|child| child.took).sum());
}

#[tokio::test]
async fn nothing_is_traced_unless_asked_for() {
    let core = nested(&Log::new());
    let context = Context::new();

    core.run_in(&context, RegisterUserSaga).await.unwrap();

    assert_eq!(context.trace(), None);
    assert!(Context::new().with_trace().trace().unwrap().dispatches.is_empty());
}

#[tokio::test]
async fn the_trace_serialises() {
    let core = nested(&Log::new());
    let context = Context::new().with_trace();

    core.run_in(&context, RegisterUserSaga).await.unwrap();

    let json = serde_json::to_value(context.trace().unwrap()).unwrap();
    let saga = &json["dispatches"][0];
    assert_eq!((&saga["event"], &saga["kind"]), (&"RegisterUserSaga".into(), &"saga".into()));
    let create = &saga["children"][0]["listeners"][1];
    assert_eq!((&create["name"], &create["phase"]), (&"create".into(), &"default".into()));
    assert_eq!((&create["fate"], &create["calls"]), (&"ran".into(), &1.into()));
}

/// A trace while it is collected, and of a dispatch whose future was dropped.
#[tokio::test]
async fn a_cancelled_dispatch_leaves_what_was_known_of_it() {
    async fn waits(mut ev: Wrap<'_, CreateUserProcess>) -> Result<u32> {
        ev.dispatch(HashPassword).await?;
        ev.next().await
    }

    async fn waits_for_ever(_: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        loop {
            pause().await;
        }
    }

    let log = Log::new();
    let (mut core, _) = store_builder(&log);
    core.declare::<RegisterUserSaga>().default(
        async |mut ev: DefaultAction<'_, RegisterUserSaga>| ev.dispatch(CreateUserProcess).await,
    );
    core.declare::<CreateUserProcess>()
        .before(log.before("before").named("before"))
        .wrap(waits.named("wrap"))
        .default(waits_for_ever.named("default"))
        .after(log.after("after").named("after"))
        .rolled_back(log.rolled_back("rolled back").named("rolled back"));
    core.declare::<HashPassword>().default(log.perform("hash", 1).named("hash"));
    let core = core.build().unwrap();
    let context = Context::new().with_trace();

    let outcome = give_up_after(5, core.run_in(&context, RegisterUserSaga)).await;

    assert!(outcome.is_none(), "it was dropped");
    let trace = context.trace().unwrap();
    let saga = &trace.dispatches[0];
    let create = &saga.children[0];
    assert_eq!((saga.outcome.as_ref(), create.outcome.as_ref()), ("cancelled", "cancelled"));
    assert_eq!(
        fates(create),
        [
            ("before", &Fate::Ran),
            ("wrap", &Fate::Cancelled),
            ("default", &Fate::Cancelled),
            ("after", &Fate::NotReached),
            ("rolled back", &Fate::NotSettled),
        ]
    );
    assert_eq!(create.children[0].outcome, "completed", "what had ended has ended");
    assert_eq!(create.default_runs, 1);

    core.dispatch(&context, HashPassword).await.unwrap();
    let trace = context.trace().unwrap();
    assert_eq!(trace.dispatches.len(), 2, "the context is still good");
}

#[tokio::test]
async fn a_dispatch_that_is_cancelled_early_has_not_reached_the_rest() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<HashPassword>()
        .before(
            (async |_: Before<'_, HashPassword>| {
                pause().await;
                Ok(())
            })
            .named("slow"),
        )
        .wrap((async |mut ev: Wrap<'_, HashPassword>| ev.next().await).named("wrap"))
        .default(log.perform("default", 1).named("default"))
        .after(log.after("after").named("after"))
        .observe(log.observe("observe").named("observe"));
    let core = core.build().unwrap();
    let context = Context::new().with_trace();

    assert!(give_up_after(1, core.dispatch(&context, HashPassword)).await.is_none());

    let trace = context.trace().unwrap();
    assert_eq!(
        fates(&trace.dispatches[0]),
        [
            ("slow", &Fate::Cancelled),
            ("wrap", &Fate::NotReached),
            ("default", &Fate::NotReached),
            ("after", &Fate::NotReached),
            ("observe", &Fate::NotReached),
        ]
    );
}

#[tokio::test]
async fn two_sagas_at_once_in_one_context_are_two_trees() {
    let log = Log::new();
    let core = nested(&log);
    let context = Context::new().with_trace();

    let (one, two) = tokio::join!(
        core.run_in(&context, RegisterUserSaga),
        core.run_in(&context, RegisterUserSaga)
    );
    one.unwrap();
    two.unwrap();

    let trace = context.trace().unwrap();
    assert_eq!(trace.dispatches.len(), 2);
    for saga in &trace.dispatches {
        assert_eq!(saga.children.len(), 2, "{trace}");
        assert_eq!(saga.children[0].children.len(), 1, "{trace}");
    }
}

#[tokio::test]
async fn a_listener_that_waits_for_the_commit_is_traced_where_it_belongs() {
    let core = nested(&Log::new());
    let context = Context::new().with_trace();

    core.run_in(&context, RegisterUserSaga).await.unwrap();

    let trace = context.trace().unwrap();
    let inner = &trace.dispatches[0].children[0].children[0];
    assert_eq!((inner.event, &inner.listeners[1].fate), ("HashPassword", &Fate::Ran));
    assert_eq!(inner.listeners[1].phase, PhaseName::Committed);
}
