//! Listeners to every saga, every process, every event of a module.

use std::{
    any::type_name,
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use dullahan_core::{
    Before, BeforeAny, Context, Core, CoreBuilder, DefaultAction, Error, ErrorKind, Event, Inject,
    Listener, ListenerOptions as _, Module, ObserveAny, Outcome, Process, Result, Saga, Violation,
    WrapAny, defect::Defect, event::Kind,
};

use crate::support::{Log, MemoryStore};

#[derive(Saga)]
#[event(output = u32, preventable)]
struct CountSaga;

#[derive(Process, Clone)]
#[event(output = u32, repeatable)]
struct CountProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct Count;

/// What every event about an entity can say.
trait EntityEvent {
    fn entity(&self) -> &'static str;
    fn rename(&mut self, name: &'static str);
}

#[derive(Event)]
#[event(views(dyn EntityEvent))]
struct Save<T> {
    name: &'static str,
    of: PhantomData<T>,
}

impl<T: Send + Sync + 'static> EntityEvent for Save<T> {
    fn entity(&self) -> &'static str {
        type_name::<T>()
    }

    fn rename(&mut self, name: &'static str) {
        self.name = name;
    }
}

struct Counting;

impl Module for Counting {
    fn name(&self) -> &'static str {
        "counting"
    }

    fn register(self, core: &mut CoreBuilder) {
        core.declare::<CountSaga>().default(count_by_saga);
        core.declare::<CountProcess>().default(count_by_process);
        core.declare::<Count>().default(|_: DefaultAction<'_, Count>| Ok(1));
    }
}

async fn count_by_saga(mut ev: DefaultAction<'_, CountSaga>) -> Result<u32> {
    Ok(10 + ev.dispatch(CountProcess).await?)
}

async fn count_by_process(mut ev: DefaultAction<'_, CountProcess>) -> Result<u32> {
    Ok(10 + ev.dispatch(Count).await?)
}

fn builder(log: &Log) -> CoreBuilder {
    let mut core = Core::builder();
    core.units_of_work(MemoryStore::new(log).provider());
    core
}

fn noting(log: &Log) -> impl Fn(ObserveAny<'_>) -> Result<()> + Send + Sync + 'static {
    let log = log.clone();
    move |ev| {
        let outcome = match ev.outcome() {
            Outcome::Completed(()) => "completed".to_owned(),
            Outcome::Prevented { by, .. } => format!("prevented by {by}"),
            Outcome::Failed(error) => format!("failed, {}", error.code()),
        };
        log.add(format!("{} of {}: {outcome}", ev.event(), ev.module()));
        Ok(())
    }
}

#[tokio::test]
async fn an_observer_of_every_saga_sees_each_of_them_and_nothing_else() {
    let log = Log::new();
    let mut core = builder(&Log::new());
    core.every_saga().observe(noting(&log));
    core.module(Counting);
    let core = core.build().unwrap();
    assert_eq!(core.run(CountSaga).await.unwrap(), 21);
    assert_eq!(log.take(), ["CountSaga of counting: completed"]);
}

#[tokio::test]
async fn a_kind_a_module_and_everything() {
    #[derive(Event)]
    struct Elsewhere;

    let log = Log::new();
    let mut core = builder(&Log::new());
    core.every_event().of_module("counting").observe(noting(&log).named("all of counting"));
    core.every_process().observe(noting(&log).named("processes"));
    core.module(Counting);
    core.declare::<Elsewhere>().default(|_: DefaultAction<'_, Elsewhere>| Ok(()));
    let core = core.build().unwrap();
    core.run(CountSaga).await.unwrap();
    core.dispatch(&Context::new(), Elsewhere).await.unwrap();
    assert_eq!(
        log.take(),
        [
            "Count of counting: completed",
            "CountProcess of counting: completed",
            "CountProcess of counting: completed",
            "CountSaga of counting: completed",
        ]
    );
}

#[tokio::test]
async fn one_that_refuses_keeps_the_default_from_running() {
    fn members_only(ev: BeforeAny<'_>) -> Result<()> {
        match ev.context().get::<&'static str>() {
            Some(_) => Ok(()),
            None => Err(Error::new(ErrorKind::Unauthenticated)),
        }
    }

    fn no_thirteen(mut ev: BeforeAny<'_>) -> Result<()> {
        if ev.context().get() == Some("thirteen") {
            ev.reject(Violation::new("/number", "unlucky"));
        }
        Ok(())
    }

    let log = Log::new();
    let mut core = builder(&log);
    core.every_event().before(members_only).before(no_thirteen);
    core.declare::<Count>().default(log.perform("default", 1)).before(log.before("own"));
    let core = core.build().unwrap();
    let context = Context::new();
    let error = core.dispatch(&context, Count).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unauthenticated);
    assert!(log.take().is_empty(), "it stands before the event's own");
    context.insert("thirteen");
    let error = core.dispatch(&context, Count).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Invalid);
    assert_eq!(log.take(), ["own"]);
    context.insert("seven");
    assert_eq!(core.dispatch(&context, Count).await.unwrap(), 1);
}

#[tokio::test]
async fn a_wrap_of_every_process_surrounds_it_and_may_call_it_again() {
    async fn retry(mut ev: WrapAny<'_>) -> Result<()> {
        assert_eq!((ev.kind(), ev.event()), (Kind::Process, "CountProcess"));
        match ev.next().await {
            Err(error) if error.kind() == ErrorKind::Conflict => ev.next().await,
            result => result,
        }
    }

    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let mut core = builder(&Log::new());
    core.every_process().wrap(retry);
    core.declare::<CountProcess>().default(move |_: DefaultAction<'_, CountProcess>| match counted
        .fetch_add(1, Ordering::Relaxed)
    {
        0 => Err(Error::new(ErrorKind::Conflict)),
        run => Ok(u32::try_from(run).unwrap()),
    });
    let core = core.build().unwrap();
    assert_eq!(core.dispatch(&Context::new(), CountProcess).await.unwrap(), 1);
    assert_eq!(runs.load(Ordering::Relaxed), 2);
}

#[tokio::test]
async fn a_wrap_that_calls_nothing_gives_no_output() {
    async fn skip(_: WrapAny<'_>) -> Result<()> {
        Ok(())
    }

    let mut core = Core::builder();
    core.every_event().wrap(skip);
    core.declare::<Count>().default(|_: DefaultAction<'_, Count>| Ok(1));
    let error = core.build().unwrap().dispatch(&Context::new(), Count).await.unwrap_err();
    assert!(error.is_not_handled(), "{error}");
}

#[tokio::test]
async fn an_event_is_seen_through_the_views_that_it_offers() {
    fn rename(mut ev: BeforeAny<'_>) -> Result<()> {
        let view = ev.view_mut::<dyn EntityEvent>().unwrap();
        view.rename("renamed");
        Ok(())
    }

    let log = Log::new();
    let seen = log.clone();
    let mut core = Core::builder();
    core.every_event().with_view::<dyn EntityEvent>().before(rename).observe(
        move |ev: ObserveAny<'_>| {
            seen.add(ev.view::<dyn EntityEvent>().unwrap().entity());
            Ok(())
        },
    );
    let names = log.clone();
    core.declare::<Save<u8>>().default(move |ev: DefaultAction<'_, Save<u8>>| {
        names.add(ev.name);
        Ok(())
    });
    core.declare::<Save<u16>>().default(|_: DefaultAction<'_, Save<u16>>| Ok(()));
    core.declare::<Count>().default(|_: DefaultAction<'_, Count>| Ok(1));
    let core = core.build().unwrap();
    let context = Context::new();
    core.dispatch(&context, Save::<u8> { name: "one", of: PhantomData }).await.unwrap();
    core.dispatch(&context, Save::<u16> { name: "two", of: PhantomData }).await.unwrap();
    core.dispatch(&context, Count).await.unwrap();
    assert_eq!(log.take(), ["renamed", "u8", "u16"]);
}

/// A functor with a service, which counts how often it is made.
struct Audit(Arc<AtomicUsize>);

impl Audit {
    fn new(made: Arc<AtomicUsize>) -> Self {
        made.fetch_add(1, Ordering::Relaxed);
        Self(made)
    }
}

impl Listener<ObserveAny<'_>> for Audit {
    async fn call(&self, _: ObserveAny<'_>) -> Result<()> {
        self.0.fetch_add(100, Ordering::Relaxed);
        Ok(())
    }
}

#[tokio::test]
async fn a_functor_is_made_once_for_all_events_and_overlays() {
    let made = Arc::new(AtomicUsize::new(0));
    let mut core = builder(&Log::new());
    core.provide(Arc::clone(&made)).module(Counting);
    core.every_event().observe(Audit::new);
    let base = core.build().unwrap();
    let overlay = base.overlay(|_| {}).unwrap();
    assert_eq!(made.load(Ordering::Relaxed), 1);
    overlay.run(CountSaga).await.unwrap();
    assert_eq!(made.load(Ordering::Relaxed), 301);
}

#[tokio::test]
async fn an_event_that_an_overlay_declares_is_heard_of_too() {
    #[derive(Event)]
    struct Later;

    let log = Log::new();
    let mut core = builder(&Log::new());
    core.module(Counting);
    core.every_event().observe(noting(&log));
    let overlay = core.build().unwrap().overlay(|core| {
        core.declare::<Later>().default(|_: DefaultAction<'_, Later>| Ok(()));
    });
    let overlay = overlay.unwrap();
    overlay.dispatch(&Context::new(), Later).await.unwrap();
    overlay.dispatch(&Context::new(), Count).await.unwrap();
    assert_eq!(log.take(), ["Later of application: completed", "Count of counting: completed"]);
}

#[test]
fn a_service_that_is_missing_is_asked_for_by_the_listener() {
    trait Trail: Send + Sync {}

    fn audit(_: ObserveAny<'_>, _: Inject<'_, dyn Trail>) -> Result<()> {
        Ok(())
    }

    let mut core = builder(&Log::new());
    core.module(Counting);
    core.every_event().observe(audit);
    let error = core.build().unwrap_err();
    let [Defect::MissingService { asked_by, .. }] = error.defects() else { panic!("{error}") };
    assert_eq!(asked_by.len(), 1, "once, whatever the number of events: {error}");
}

#[test]
fn a_module_without_events_is_a_defect() {
    let mut core = builder(&Log::new());
    core.module(Counting);
    core.every_event().of_module("countng").before(|_: BeforeAny<'_>| Ok(()));
    let error = core.build().unwrap_err();
    assert!(matches!(error.defects(), [Defect::NoSuchEvents { .. }]), "{error}");
    assert!(error.to_string().contains("counting"), "{error}");
}

#[test]
fn a_view_that_no_event_offers_is_a_defect_unless_the_listener_is_optional() {
    trait Unseen {}

    let mut core = builder(&Log::new());
    core.module(Counting);
    core.every_event().with_view::<dyn Unseen>().before((|_: BeforeAny<'_>| Ok(())).named("look"));
    let error = core.build().unwrap_err();
    assert!(
        matches!(error.defects(), [Defect::NoSuchEvents { module: None, view: Some(_), .. }]),
        "{error}"
    );
    assert!(
        error.to_string().contains("`look` listens to every event with the view `dyn "),
        "{error}"
    );

    let mut core = builder(&Log::new());
    core.module(Counting);
    core.every_event().with_view::<dyn Unseen>().before((|_: BeforeAny<'_>| Ok(())).optional());
    core.build().unwrap();
}

#[tokio::test]
async fn priorities_and_conditions_count_among_the_listeners_of_the_event() {
    let log = Log::new();
    let (early, late) = (log.clone(), log.clone());
    let mut core = Core::builder();
    let late = move |_: BeforeAny<'_>| {
        late.add("late");
        Ok(())
    };
    let early = move |_: BeforeAny<'_>| {
        early.add("on a condition");
        Ok(())
    };
    core.every_event()
        .before(late.named("late").priority(-10))
        .before(early.named("early").when(|context| context.principal().is_some()));
    core.declare::<Count>()
        .default(|_: DefaultAction<'_, Count>| Ok(1))
        .before(log.before("own"))
        .before(|_: Before<'_, Count>| Ok(()));
    let core = core.build().unwrap();
    core.dispatch(&Context::new(), Count).await.unwrap();
    assert_eq!(log.take(), ["own", "late"]);
    let description = core.describe();
    let names: Vec<_> = description.events[0].listeners.iter().map(|one| &one.name).collect();
    assert_eq!(names[0], "early");
    assert!(description.to_string().contains("listens to every one"), "{description}");
}

#[tokio::test]
async fn what_was_taken_away_or_replaced_does_not_come_back_in_an_overlay() {
    let log = Log::new();
    let saying = |said: &'static str| {
        let log = log.clone();
        move |_: BeforeAny<'_>| {
            log.add(said);
            Ok(())
        }
    };
    let mut core = Core::builder();
    core.every_event()
        .before(saying("removed").named("removed"))
        .before(saying("replaced").named("replaced"));
    core.declare::<Count>().default(|_: DefaultAction<'_, Count>| Ok(1)).remove("removed");
    core.event::<Count>().before(log.before("in its place").named("new").in_place_of("replaced"));
    let base = core.build().unwrap();
    base.dispatch(&Context::new(), Count).await.unwrap();
    assert_eq!(log.take(), ["in its place"]);
    let overlay = base.overlay(|core| {
        core.event::<Count>().before(log.before("of the overlay").named("of the overlay"));
    });
    overlay.unwrap().dispatch(&Context::new(), Count).await.unwrap();
    assert_eq!(log.take(), ["in its place", "of the overlay"]);
}
