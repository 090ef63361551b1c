//! Spans: one for each dispatch, one for each listener on request.

use dullahan_core::{
    Before, Context, Core, DefaultAction, Error, ErrorKind, Event, ListenerOptions as _, Process,
    Result, Saga,
};
use tracing::Instrument;

use crate::support::{Log, StoreCall, Watch, give_up_after, pause, put, store_builder};

#[derive(Saga)]
#[event(output = u32)]
struct RegisterUserSaga;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct HashPassword;

/// A saga with a process with an event, whose default is prevented.
fn nested(log: &Log) -> (Core, crate::support::MemoryStore) {
    async fn register(mut ev: DefaultAction<'_, RegisterUserSaga>) -> Result<u32> {
        ev.dispatch(CreateUserProcess).await
    }

    async fn hash(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(HashPassword).await.map(drop)
    }

    let (mut core, store) = store_builder(log);
    core.declare::<RegisterUserSaga>().default(register.named("register"));
    core.declare::<CreateUserProcess>()
        .before(hash.named("hash"))
        .default(put("user").named("create"))
        .committed(log.committed("index").named("index"));
    core.declare::<HashPassword>()
        .before(
            (|mut ev: Before<'_, HashPassword>| {
                ev.respond(1);
                Ok(())
            })
            .named("replacer"),
        )
        .default(log.perform("argon", 1).named("argon"));
    (core.build().unwrap(), store)
}

/// What the spans of this target said: the values of these fields of each.
fn said(watch: &Watch, fields: &[&str]) -> Vec<String> {
    watch
        .closed_fields()
        .iter()
        .map(|told| {
            let values = fields.iter().map(|field| told.get(field).map_or("-", String::as_str));
            values.collect::<Vec<_>>().join(" | ")
        })
        .collect()
}

#[tokio::test]
async fn a_span_of_a_dispatch_has_these_fields() {
    let (core, _) = nested(&Log::new());
    let watch = Watch::dispatches();
    let listening = watch.listen();

    core.run(RegisterUserSaga).await.unwrap();

    drop(listening);
    let fields = ["target", "name", "level", "event", "kind", "prevented_by", "outcome", "inside"];
    assert_eq!(
        said(&watch, &fields),
        [
            "dullahan::dispatch | dispatch | DEBUG | HashPassword | event | replacer | prevented | process CreateUserProcess",
            "dullahan::dispatch | dispatch | DEBUG | CreateUserProcess | process | - | completed | saga RegisterUserSaga",
            "dullahan::dispatch | dispatch | DEBUG | RegisterUserSaga | saga | - | completed | -",
        ]
    );
    for told in watch.closed_fields() {
        let known =
            ["target", "name", "level", "event", "kind", "prevented_by", "outcome", "inside"];
        assert!(told.keys().all(|field| known.contains(field)), "{told:?}");
    }
}

#[tokio::test]
async fn a_span_says_the_code_of_the_error() {
    let (core, store) = nested(&Log::new());
    store.fail_next(StoreCall::Commit);
    let watch = Watch::dispatches();
    let listening = watch.listen();

    core.run(RegisterUserSaga).await.unwrap_err();

    drop(listening);
    assert_eq!(
        said(&watch, &["event", "outcome"]),
        [
            "HashPassword | prevented",
            "CreateUserProcess | unavailable",
            "RegisterUserSaga | unavailable",
        ]
    );
}

#[tokio::test]
async fn a_prevented_event_that_fails_says_both() {
    let mut core = Core::builder();
    core.declare::<HashPassword>()
        .before(
            (|mut ev: Before<'_, HashPassword>| {
                ev.prevent_default();
                Err(Error::new(ErrorKind::Conflict))
            })
            .named("replacer"),
        )
        .default(|_: DefaultAction<'_, HashPassword>| Ok(1));
    let core = core.build().unwrap();
    let watch = Watch::dispatches();
    let listening = watch.listen();

    core.dispatch(&Context::new(), HashPassword).await.unwrap_err();

    drop(listening);
    assert_eq!(said(&watch, &["prevented_by", "outcome"]), ["replacer | conflict"]);
}

#[tokio::test]
async fn a_dropped_dispatch_has_a_span_without_an_outcome() {
    let mut core = Core::builder();
    core.declare::<HashPassword>().default(async |_: DefaultAction<'_, HashPassword>| {
        pause().await;
        Ok(1)
    });
    let core = core.build().unwrap();
    let watch = Watch::dispatches();
    let listening = watch.listen();

    assert!(give_up_after(1, core.dispatch(&Context::new(), HashPassword)).await.is_none());

    drop(listening);
    assert_eq!(said(&watch, &["event", "outcome"]), ["HashPassword | -"]);
    assert_eq!(watch.open_and_entered(), (0, 0));
}

#[tokio::test]
async fn spans_of_listeners_are_for_those_who_ask_for_traces() {
    let (core, _) = nested(&Log::new());
    let watch = Watch::listeners();
    let listening = watch.listen();

    core.run(RegisterUserSaga).await.unwrap();

    drop(listening);
    assert_eq!(
        said(&watch, &["level", "name", "event", "listener", "phase", "inside"]),
        [
            "TRACE | listener | - | replacer | before | event HashPassword",
            "DEBUG | dispatch | HashPassword | - | - | before listener",
            "TRACE | listener | - | hash | before | process CreateUserProcess",
            "TRACE | listener | - | create | default | process CreateUserProcess",
            "TRACE | listener | - | index | committed | process CreateUserProcess",
            "DEBUG | dispatch | CreateUserProcess | - | - | default listener",
            "TRACE | listener | - | register | default | saga RegisterUserSaga",
            "DEBUG | dispatch | RegisterUserSaga | - | - | -",
        ]
    );
    for told in watch.closed_fields() {
        assert_eq!(told["target"], "dullahan::dispatch");
    }

    let watch = Watch::dispatches();
    let listening = watch.listen();
    core.run(RegisterUserSaga).await.unwrap();
    drop(listening);
    assert_eq!(watch.closed_spans().len(), 3, "and not for the others");
}

/// Spans that are filtered out leave those of the application alone.
#[tokio::test]
async fn the_outcome_is_not_written_into_the_span_of_somebody_else() {
    let (core, _) = nested(&Log::new());
    let watch = Watch::all_but("dullahan::dispatch");
    let listening = watch.listen();

    let request = tracing::info_span!(
        "request",
        outcome = tracing::field::Empty,
        prevented_by = tracing::field::Empty
    );
    core.run(RegisterUserSaga).instrument(request).await.unwrap();

    drop(listening);
    assert_eq!(said(&watch, &["name", "outcome", "prevented_by"]), ["request | - | -"]);
}

/// A subscriber that samples takes the span of a saga and leaves that of an event inside of it.
#[tokio::test]
async fn core_08_the_outcome_is_not_written_into_the_span_of_the_dispatch_around() {
    async fn register(mut ev: DefaultAction<'_, RegisterUserSaga>) -> Result<u32> {
        ev.dispatch(HashPassword).await.unwrap_err();
        pause().await;
        Ok(7)
    }

    let mut core = Core::builder();
    core.declare::<RegisterUserSaga>().default(register);
    core.declare::<HashPassword>()
        .default(|_: DefaultAction<'_, HashPassword>| Err(Error::new(ErrorKind::Conflict)));
    let core = core.build().unwrap();
    let watch = Watch::sampling_first();
    let listening = watch.listen();

    assert!(give_up_after(1, core.run(RegisterUserSaga)).await.is_none());

    drop(listening);
    assert_eq!(said(&watch, &["event", "outcome"]), ["RegisterUserSaga | -"]);
}
