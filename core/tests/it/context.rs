//! What flows down from a saga to its last nested event.

use std::{
    net::{IpAddr, Ipv4Addr},
    time::{Duration, Instant},
};

use dullahan_core::{
    Before, Committed, Context, Core, DefaultAction, ErrorKind, Event, ListenerOptions as _,
    Observe, Principal, Process, Result, Saga, context::write_outside_of_a_process,
};
use http::{HeaderValue, Method, StatusCode, header};

use crate::support::{Log, MemoryStore, pause};

#[derive(Saga)]
#[event(output = u32)]
struct RegisterSaga;

#[derive(Process)]
#[event(output = u32)]
struct CreateUserProcess;

#[derive(Event)]
#[event(output = u32)]
struct HashPassword;

async fn register(mut ev: DefaultAction<'_, RegisterSaga>) -> Result<u32> {
    ev.dispatch(CreateUserProcess).await
}

async fn create(mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
    ev.dispatch(HashPassword).await
}

fn hash(_: DefaultAction<'_, HashPassword>) -> Result<u32> {
    Ok(7)
}

/// A saga, a process in it and an event in that.
fn builder() -> dullahan_core::CoreBuilder {
    let mut core = Core::builder();
    core.units_of_work(MemoryStore::new(&Log::new()).provider());
    core.declare::<RegisterSaga>().default(register);
    core.declare::<CreateUserProcess>().default(create);
    core.declare::<HashPassword>().default(hash);
    core
}

#[derive(Clone, Debug, PartialEq)]
struct Tenant(&'static str);

#[derive(Clone, Debug, PartialEq)]
struct Locale(&'static str);

#[test]
fn extensions_are_told_apart_by_their_type() {
    let context = Context::new();

    assert_eq!(context.get::<Tenant>(), None);
    assert_eq!(context.insert(Tenant("north")), None);
    assert_eq!(context.insert(Locale("de")), None);
    assert_eq!(context.insert(Tenant("south")), Some(Tenant("north")));
    assert_eq!(context.remove::<Tenant>(), Some(Tenant("south")));
    assert_eq!(context.get::<Tenant>(), None);
    assert_eq!(context.get::<Locale>(), Some(Locale("de")));
}

#[tokio::test]
async fn extensions_and_principal_flow_down_and_up() {
    let mut core = builder();
    core.event::<RegisterSaga>().before(|ev: Before<'_, RegisterSaga>| {
        ev.context().insert(Tenant("north"));
        ev.context().set_principal(Some(Principal::new("u1", ["admin".to_owned()])));
        Ok(())
    });
    core.event::<HashPassword>().before(|ev: Before<'_, HashPassword>| {
        assert_eq!(ev.context().get::<Tenant>(), Some(Tenant("north")));
        let principal = ev.context().principal().unwrap();
        assert_eq!(principal.subject(), "u1");
        assert!(principal.has_role("admin") && !principal.has_role("guest"));
        ev.context().set_principal(None);
        ev.context().insert(Locale("de"));
        Ok(())
    });
    core.event::<CreateUserProcess>().committed(|ev: Committed<'_, CreateUserProcess>| {
        assert_eq!(ev.context().get::<Locale>(), Some(Locale("de")));
        ev.context().insert(Locale("fr"));
        Ok(())
    });
    core.event::<RegisterSaga>().observe(|ev: Observe<'_, RegisterSaga>| {
        ev.context().insert(Tenant("seen"));
        Ok(())
    });
    let core = core.build().unwrap();
    let context = Context::new();

    core.run_in(&context, RegisterSaga).await.unwrap();

    assert_eq!(context.get::<Locale>(), Some(Locale("fr")));
    assert_eq!(context.get::<Tenant>(), Some(Tenant("seen")));
    assert_eq!(context.principal(), None);
}

#[tokio::test]
async fn two_runs_do_not_share_a_context() {
    let mut core = builder();
    core.event::<HashPassword>().before(|ev: Before<'_, HashPassword>| {
        assert_eq!(ev.context().insert(Tenant("north")), None);
        Ok(())
    });
    let core = core.build().unwrap();

    for _ in 0..2 {
        core.run(RegisterSaga).await.unwrap();
        core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();
    }
}

#[tokio::test]
async fn the_head_of_the_request_reaches_every_step() {
    let mut core = builder();
    core.event::<HashPassword>().before(|ev: Before<'_, HashPassword>| {
        let head = ev.context().request().unwrap();
        assert_eq!((&head.method, head.uri.path()), (&Method::POST, "/users"));
        assert_eq!(head.headers[header::ACCEPT_LANGUAGE], "de");
        assert_eq!(ev.context().client_address(), Some(IpAddr::V4(Ipv4Addr::LOCALHOST)));
        ev.context().insert(Tenant("asserted"));
        Ok(())
    });
    let core = core.build().unwrap();
    let (head, ()) = http::Request::builder()
        .method(Method::POST)
        .uri("https://example.org/users?invited=1")
        .header(header::ACCEPT_LANGUAGE, "de")
        .header(header::COOKIE, "session=secret")
        .body(())
        .unwrap()
        .into_parts();
    let context = Context::of_request(head, Some(IpAddr::V4(Ipv4Addr::LOCALHOST)));

    core.run_in(&context, RegisterSaga).await.unwrap();

    assert_eq!(context.get::<Tenant>(), Some(Tenant("asserted")));
    let shown = format!("{context:?}");
    assert!(!shown.contains("secret") && !shown.contains("invited"), "{shown}");
    assert!(Context::new().request().is_none());
}

#[tokio::test]
async fn every_step_may_shape_the_head_of_the_response() {
    let mut core = builder();
    core.event::<HashPassword>().before(|ev: Before<'_, HashPassword>| {
        ev.context().response(|head| {
            head.headers.append(header::SET_COOKIE, HeaderValue::from_static("a=1"));
        });
        Ok(())
    });
    core.event::<CreateUserProcess>().committed(|ev: Committed<'_, CreateUserProcess>| {
        ev.context().response(|head| {
            head.status = Some(StatusCode::ACCEPTED);
            head.headers.append(header::SET_COOKIE, HeaderValue::from_static("b=2"));
        });
        Ok(())
    });
    let core = core.build().unwrap();
    let context = Context::new();

    core.run_in(&context, RegisterSaga).await.unwrap();

    let head = context.response(|head| head.clone());
    assert_eq!(head.status, Some(StatusCode::ACCEPTED));
    let cookies: Vec<_> = head.headers.get_all(header::SET_COOKIE).iter().collect();
    assert_eq!(cookies, ["a=1", "b=2"]);
}

#[tokio::test]
async fn past_the_deadline_nothing_is_dispatched() {
    let log = Log::new();
    let mut core = builder();
    core.event::<RegisterSaga>()
        .before(log.before("before"))
        .observe(log.observe("observe"))
        .rolled_back(log.rolled_back("rolled back"));
    let core = core.build().unwrap();
    let context = Context::new().with_time_limit(Duration::ZERO);

    let error = core.run_in(&context, RegisterSaga).await.unwrap_err();

    assert_eq!((error.kind(), error.code()), (ErrorKind::Unavailable, "deadline_exceeded"));
    assert!(log.entries().is_empty());
}

#[tokio::test]
async fn a_deadline_that_passes_between_two_steps_ends_the_process_and_rolls_it_back() {
    async fn outlast_the_deadline(ev: Before<'_, CreateUserProcess>) -> Result<()> {
        while ev.context().deadline().is_some_and(|deadline| Instant::now() < deadline) {
            pause().await;
        }
        Ok(())
    }

    async fn put(
        ev: Before<'_, CreateUserProcess>,
        store: dullahan_core::Inject<'_, MemoryStore>,
    ) -> Result<()> {
        store.put(ev.context(), "user", "7").await
    }

    // The limit has to outlast the way to the first listener; a machine that stalls gets a longer one.
    for milliseconds in [20, 200, 2_000, 20_000] {
        let log = Log::new();
        let store = MemoryStore::new(&log);
        let mut core = Core::builder();
        core.units_of_work(store.provider()).provide(std::sync::Arc::new(store.clone()));
        core.declare::<RegisterSaga>().default(register);
        core.declare::<CreateUserProcess>()
            .before(put.priority(1))
            .before(outlast_the_deadline)
            .before(log.before("a step under way is not interrupted").priority(-1))
            .default(create)
            .rolled_back(log.rolled_back("rolled back"));
        core.declare::<HashPassword>().default(log.perform("never", 7));
        let core = core.build().unwrap();
        let context = Context::new().with_time_limit(Duration::from_millis(milliseconds));
        assert!(context.deadline().is_some());

        let error = core.run_in(&context, RegisterSaga).await.unwrap_err();

        assert_eq!((error.kind(), error.code()), (ErrorKind::Unavailable, "deadline_exceeded"));
        assert!(store.keys().is_empty());
        if log.entries().is_empty() {
            continue;
        }
        assert_eq!(
            log.entries(),
            [
                "begin",
                "put user",
                "a step under way is not interrupted",
                "rollback",
                "rolled back: deadline_exceeded",
            ]
        );
        return;
    }
    panic!("the deadline always passed before the first listener");
}

#[tokio::test]
async fn without_a_limit_there_is_no_deadline() {
    let context = Context::new();
    assert_eq!(context.deadline(), None);

    let endless = Context::new().with_time_limit(Duration::MAX);
    assert_eq!(endless.deadline(), None, "beyond what the clock can tell");
    assert_eq!(builder().build().unwrap().run_in(&endless, RegisterSaga).await.unwrap(), 7);
}

#[test]
fn refusing_a_write_says_what_to_do_and_tells_a_client_nothing() {
    let error = write_outside_of_a_process("the user repository");

    assert_eq!(
        (error.kind(), error.message()),
        (ErrorKind::Internal, "an internal error occurred")
    );
    assert!(error.to_string().contains("the user repository was asked to write outside"));
}

#[test]
fn what_dispatches_can_be_sent_to_another_thread() {
    fn send<T: Send>(value: T) -> T {
        value
    }

    let core = builder().build().unwrap();
    let context = Context::new();
    drop(send(core.run(RegisterSaga)));
    drop(send(core.run_in(&context, RegisterSaga)));
    drop(send(core.dispatch(&Context::new(), CreateUserProcess)));
    drop(send(core.dispatch(&context, HashPassword)));
    send(context);
    send(core);
}

#[test]
fn core_08_a_response_inside_of_a_response_stops_no_thread() {
    let (send, receive) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let context = Context::new();
        let nested = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            context.response(|_| context.response(|head| head.status = Some(StatusCode::OK)));
        }));
        context.response(|head| head.status = Some(StatusCode::ACCEPTED));
        send.send((nested.is_ok(), context.response(|head| head.status))).unwrap();
    });

    let (is_taken, status) = receive.recv_timeout(Duration::from_secs(20)).expect("it still waits");

    assert!(!is_taken, "two at once would be two exclusive references to one head");
    assert_eq!(status, Some(StatusCode::ACCEPTED));
}
