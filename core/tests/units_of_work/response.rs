//! The head of the response is a part of the unit of work.

use dullahan_core::{
    After, Context, CoreBuilder, DefaultAction, Error, ErrorKind, Event, Inject, Listener, Observe,
    Process, Result, RolledBack, Wrap,
};
use http::{HeaderValue, StatusCode, header};

use crate::support::{
    Log, MemoryStore, Stepper, StoreCall, Watch, give_up_after, pause, put, store_builder,
};

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Clone, Process)]
#[event(output = u32, preventable, repeatable)]
struct GrantRoleProcess;

#[derive(Event)]
#[event(output = u32, preventable)]
struct IndexUser;

/// Puts a cookie into the answer, and says which status it should have.
fn answer_with(context: &Context, cookie: &'static str) {
    context.response(|head| {
        head.headers.append(header::SET_COOKIE, HeaderValue::from_static(cookie));
        head.status = Some(StatusCode::CREATED);
    });
}

fn cookies(context: &Context) -> Vec<String> {
    context.response(|head| {
        let cookies = head.headers.get_all(header::SET_COOKIE).iter();
        cookies.map(|cookie| cookie.to_str().unwrap().to_owned()).collect()
    })
}

/// Puts a cookie, dispatches the grant in the way it is told to, and puts another one.
struct Create {
    grant: Grant,
    store: MemoryStore,
}

#[derive(Clone, Copy, PartialEq)]
enum Grant {
    Savepoint,
    GivenUpAfter(usize),
}

impl Listener<DefaultAction<'_, CreateUserProcess>> for Create {
    async fn call(&self, mut ev: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        answer_with(ev.context(), "user");
        match self.grant {
            Grant::Savepoint => drop(ev.dispatch_in_savepoint(GrantRoleProcess).await),
            Grant::GivenUpAfter(polls) => {
                drop(give_up_after(polls, ev.dispatch_in_savepoint(GrantRoleProcess)).await);
            }
        }
        answer_with(ev.context(), "user again");
        assert_eq!(ev.context().response(|head| head.status), Some(StatusCode::CREATED));
        self.store.put(ev.context(), "user", "1").await?;
        Ok(7)
    }
}

async fn grant(
    ev: DefaultAction<'_, GrantRoleProcess>,
    store: Inject<'_, MemoryStore>,
) -> Result<u32> {
    answer_with(ev.context(), "role");
    store.put(ev.context(), "role", "1").await?;
    pause().await;
    Ok(7)
}

fn wire(log: &Log, grants: Grant) -> (CoreBuilder, MemoryStore) {
    let (mut core, store) = store_builder(log);
    core.declare::<CreateUserProcess>().default(Create { grant: grants, store: store.clone() });
    core.declare::<GrantRoleProcess>().default(grant);
    (core, store)
}

#[tokio::test]
async fn core_21_what_a_process_put_into_the_response_is_undone_with_it() {
    fn refuse<E: Event>(_: After<'_, E>) -> Result<()> {
        Err(Error::new(ErrorKind::Conflict))
    }

    fn explain(ev: RolledBack<'_, CreateUserProcess>) -> Result<()> {
        assert!(cookies(ev.context()).is_empty());
        ev.context()
            .response(|head| head.headers.append("x-why", HeaderValue::from_static("full")));
        Ok(())
    }

    let log = Log::new();
    let context = Context::new();
    let (core, _) = wire(&log, Grant::Savepoint);
    core.build().unwrap().dispatch(&context, CreateUserProcess).await.unwrap();
    assert_eq!(cookies(&context), ["user", "role", "user again"]);
    assert_eq!(context.response(|head| head.status), Some(StatusCode::CREATED));

    let context = Context::new();
    let (mut core, _) = wire(&log, Grant::Savepoint);
    core.event::<GrantRoleProcess>().after(refuse);
    core.build().unwrap().dispatch(&context, CreateUserProcess).await.unwrap();
    assert_eq!(cookies(&context), ["user", "user again"], "the savepoint is undone alone");

    for failing in [None, Some(StoreCall::Commit)] {
        let context = Context::new();
        let (mut core, store) = wire(&log, Grant::Savepoint);
        match failing {
            None => {
                core.event::<CreateUserProcess>().after(refuse);
            }
            Some(call) => store.fail_next(call),
        }
        core.event::<CreateUserProcess>().rolled_back(explain);
        core.build().unwrap().dispatch(&context, CreateUserProcess).await.unwrap_err();
        assert!(cookies(&context).is_empty(), "{:?}", cookies(&context));
        context.response(|head| {
            assert_eq!(head.status, None);
            assert_eq!(head.headers["x-why"], "full", "what belongs to the refusal");
        });
    }
}

#[test]
fn core_21_what_a_cancelled_process_put_into_the_response_is_undone() {
    for polls in 0..20 {
        let log = Log::new();
        let context = Context::new();
        let (core, store) = wire(&log, Grant::GivenUpAfter(polls));
        let core = core.build().unwrap();

        let created = Stepper::new(core.dispatch(&context, CreateUserProcess)).finish();

        let is_whole = store.keys().contains(&"role".to_owned());
        match created {
            Ok(_) if is_whole => assert_eq!(cookies(&context), ["user", "role", "user again"]),
            Ok(_) => assert_eq!(cookies(&context), ["user", "user again"], "{polls} polls"),
            Err(_) => assert!(cookies(&context).is_empty(), "{polls} polls"),
        }
    }
    for polls in 0..8 {
        let log = Log::new();
        let context = Context::new();
        let (core, _) = wire(&log, Grant::Savepoint);
        let core = core.build().unwrap();
        let mut process = Stepper::new(core.dispatch(&context, CreateUserProcess));
        for _ in 0..polls {
            assert!(process.step().is_none());
        }
        drop(process);
        assert!(cookies(&context).is_empty(), "{polls} polls");
    }
}

#[tokio::test]
async fn core_21_what_a_wrap_swallows_and_what_is_run_again_leaves_no_header() {
    async fn retry(mut ev: Wrap<'_, CreateUserProcess>) -> Result<u32> {
        assert!(ev.next().await.is_err());
        answer_with(ev.context(), "wrap");
        Ok(7)
    }

    let log = Log::new();
    let context = Context::new();
    let (mut core, store) = wire(&log, Grant::Savepoint);
    core.event::<CreateUserProcess>().wrap(retry);
    let core = core.build().unwrap();
    store.fail_next(StoreCall::Put);
    store.fail_next(StoreCall::Put);
    core.dispatch(&context, CreateUserProcess).await.unwrap();
    assert_eq!(cookies(&context), ["wrap"]);

    let context = Context::new();
    store.lose_next(StoreCall::Commit);
    core.dispatch(&context, GrantRoleProcess).await.unwrap();
    assert_eq!(cookies(&context), ["role"], "of the last run");
}

#[tokio::test]
async fn core_21_an_observer_only_looks_at_the_response() {
    fn meddle<E: Event>(ev: Observe<'_, E>) -> Result<()> {
        assert!(!cookies(ev.context()).is_empty(), "it sees what is there");
        answer_with(ev.context(), "observed");
        Ok(())
    }

    async fn index(mut ev: Observe<'_, CreateUserProcess>) -> Result<()> {
        ev.dispatch(IndexUser).await.map(drop)
    }

    let log = Log::new();
    let context = Context::new();
    let (mut core, _) = wire(&log, Grant::Savepoint);
    core.event::<CreateUserProcess>().observe(meddle).observe(index);
    core.event::<GrantRoleProcess>().observe(meddle);
    core.declare::<IndexUser>().before(put_header).default(log.perform("index", 1));
    let core = core.build().unwrap();
    let watch = Watch::failures();
    let _guard = watch.listen();

    core.dispatch(&context, CreateUserProcess).await.unwrap();

    assert_eq!(cookies(&context), ["user", "role", "user again"]);
    let reports = watch.told();
    let told = reports.iter().filter(|told| told.values().any(|text| text.contains("an observer")));
    assert_eq!(told.count(), 3, "{reports:?}");
}

fn put_header(ev: dullahan_core::Before<'_, IndexUser>) -> Result<()> {
    answer_with(ev.context(), "indexed");
    Ok(())
}

#[tokio::test]
async fn core_21_processes_side_by_side_keep_each_others_headers() {
    let log = Log::new();
    let context = Context::new();
    let (mut core, _) = wire(&log, Grant::Savepoint);
    core.declare::<IndexUser>().default(put("index"));
    let core = core.build().unwrap();

    let (one, two) = tokio::join!(
        core.dispatch(&context, CreateUserProcess),
        core.dispatch(&context, GrantRoleProcess),
    );

    one.unwrap();
    two.unwrap();
    let mut cookies = cookies(&context);
    cookies.sort();
    assert_eq!(cookies, ["role", "role", "user", "user again"]);
}
