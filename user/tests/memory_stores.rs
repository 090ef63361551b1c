//! The stores in memory do what those in a database do.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::{
    future::{pending, poll_fn},
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    task::Poll,
    time::Duration,
};

use dullahan_core::{
    BoxFuture, Context, Core, CoreBuilder, DefaultAction, Error, Inject, Listener, Process, Result,
    RolledBack,
    defect::Defect,
    unit_of_work::{UnitOfWork, UnitOfWorkProvider},
};
use dullahan_user::{
    UserModule,
    domain::{EmailAddress, MailRequest, MailRequestKind, Settings},
    infrastructure::{Argon2Hasher, Argon2Settings, MemoryStores},
    port::MailQueue,
    testing::Stores,
};
use time::OffsetDateTime;

async fn stores() -> Stores {
    Stores::new(MemoryStores::new()).unwrap()
}

dullahan_user::test_stores!(
    #[tokio::test]
    stores()
);

#[test]
fn new_03_a_wiring_without_stores_and_mailer_has_two_defects() {
    let hasher = Argon2Hasher::new(Argon2Settings::insecure_for_tests()).unwrap();
    let module = UserModule::new(Settings::default()).with_password_hasher(Arc::new(hasher));

    let error = Core::builder().module(module).build().unwrap_err();

    let packages: Vec<_> = error
        .defects()
        .iter()
        .map(|defect| match defect {
            Defect::MissingService { ports, provided_by: Some(provided_by), .. } => {
                (provided_by.package, ports.len())
            }
            other => panic!("{other}"),
        })
        .collect();
    assert_eq!(
        packages,
        [("dullahan-user-bridge-sqlx", 7), ("dullahan-user-bridge-lettre", 1)],
        "{error}"
    );
    let text = error.to_string();
    assert!(text.contains("add `.module(dullahan_user_bridge_sqlx::module(store))`"), "{text}");
    assert!(text.lines().count() < 20, "{text}");
}

#[test]
fn what_is_kept_is_not_shown() {
    assert_eq!(format!("{:?}", MemoryStores::new()), "MemoryStores { .. }");
}

fn request(email: &str) -> MailRequest {
    let kind = MailRequestKind::PasswordReset;
    MailRequest { email: address(email), kind, requested_at: OffsetDateTime::UNIX_EPOCH }
}

fn address(email: &str) -> EmailAddress {
    email.parse().unwrap()
}

/// Whose requests there are, which are taken out.
async fn requests(stores: &Stores) -> Vec<EmailAddress> {
    let taken = stores.process(|stores, context| {
        Box::pin(async move {
            let mut taken = Vec::new();
            while let Some(request) = stores.mails.take_request(context, 0).await? {
                taken.push(request.email);
            }
            Ok(taken)
        })
    });
    taken.await.unwrap()
}

#[tokio::test]
async fn a_process_that_is_dropped_has_written_nothing_and_keeps_nobody_waiting() {
    let stores = stores().await;
    let wrote = Arc::new(AtomicBool::new(false));
    let mut process = Box::pin(stores.process::<(), _>({
        let wrote = Arc::clone(&wrote);
        move |stores, context| {
            Box::pin(async move {
                stores.mails.request(context, &request("alice@x.test")).await?;
                wrote.store(true, Ordering::Relaxed);
                pending().await
            })
        }
    }));
    poll_fn(|context| {
        assert!(process.as_mut().poll(context).is_pending());
        if wrote.load(Ordering::Relaxed) { Poll::Ready(()) } else { Poll::Pending }
    })
    .await;
    drop(process);
    assert_eq!(requests(&stores).await, []);
}

#[derive(Debug, Process)]
#[event(output = ())]
struct Outer {}

#[derive(Debug, Process)]
#[event(output = ())]
struct Inner {}

async fn outer(mut ev: DefaultAction<'_, Outer>, mails: Inject<'_, dyn MailQueue>) -> Result<()> {
    mails.request(ev.context(), &request("kept@x.test")).await?;
    assert!(ev.dispatch_in_savepoint(Inner {}).await.is_err());
    Ok(())
}

async fn inner(ev: DefaultAction<'_, Inner>, mails: Inject<'_, dyn MailQueue>) -> Result<()> {
    mails.request(ev.context(), &request("undone@x.test")).await?;
    Err(Error::internal("on purpose"))
}

fn nested(core: &mut CoreBuilder) {
    core.declare::<Outer>().default(outer);
    core.declare::<Inner>().default(inner);
}

#[tokio::test]
async fn what_fails_in_a_savepoint_is_undone_alone() {
    let memory = MemoryStores::new();
    let core = Core::builder().module(memory.clone()).module(nested).build().unwrap();
    core.dispatch(&Context::new(), Outer {}).await.unwrap();
    let stores = Stores::new(memory).unwrap();
    assert_eq!(requests(&stores).await, [address("kept@x.test")]);
}

#[derive(Debug, Process)]
#[event(output = ())]
struct Note {}

async fn note(ev: DefaultAction<'_, Note>, mails: Inject<'_, dyn MailQueue>) -> Result<()> {
    mails.request(ev.context(), &request("noted@x.test")).await
}

#[tokio::test]
async fn core_01_a_rolled_back_listener_of_a_savepoint_may_write() {
    let memory = MemoryStores::new();
    let mut core = Core::builder();
    core.module(memory.clone()).module(nested);
    core.declare::<Note>().default(note);
    core.event::<Inner>()
        .rolled_back(async |mut ev: RolledBack<'_, Inner>| ev.dispatch(Note {}).await);
    let core = core.build().unwrap();
    // Without a clock: it ends after a few steps or waits for ever.
    let context = Context::new();
    let mut run = Box::pin(core.dispatch(&context, Outer {}));
    let mut steps = 0;
    let ended = poll_fn(|context| match run.as_mut().poll(context) {
        Poll::Pending if steps < 1000 => {
            steps += 1;
            context.waker().wake_by_ref();
            Poll::Pending
        }
        Poll::Pending => Poll::Ready(None),
        Poll::Ready(output) => Poll::Ready(Some(output)),
    });
    ended.await.expect("it waits for itself").unwrap();
    drop(run);
    let stores = Stores::new(memory).unwrap();
    assert_eq!(requests(&stores).await, [address("kept@x.test"), address("noted@x.test")]);
}

/// The stores, with less patience.
struct Impatient(Arc<dyn UnitOfWorkProvider>);

impl UnitOfWorkProvider for Impatient {
    fn begin(&self) -> BoxFuture<'_, Result<Box<dyn UnitOfWork>>> {
        self.0.begin()
    }

    fn wait_limit(&self) -> Duration {
        Duration::from_millis(200)
    }
}

#[tokio::test]
async fn core_05_a_process_that_asks_while_it_holds_fails_and_keeps_nobody_waiting() {
    async fn hold(ev: DefaultAction<'_, Inner>, mails: Inject<'_, dyn MailQueue>) -> Result<()> {
        mails.request(ev.context(), &request("undone@x.test")).await?;
        let _held = ev.context().unit_of_work().await?;
        mails.request(ev.context(), &request("never@x.test")).await
    }

    let memory = MemoryStores::new();
    let mut core = Core::builder();
    core.units_of_work(Arc::new(Impatient(memory.units_of_work())));
    core.provide::<dyn MailQueue>(Arc::new(memory.clone()));
    core.declare::<Inner>().default(hold);
    let core = core.build().unwrap();

    let error = core.dispatch(&Context::new(), Inner {}).await.unwrap_err();

    assert!(error.to_string().contains("drop its guard"), "{error}");
    assert_eq!(requests(&Stores::new(memory).unwrap()).await, []);
}

/// Dispatches what fails in a savepoint, twice at once.
#[derive(Clone, Default)]
struct Beside(Arc<OnceLock<Core>>);

#[derive(Debug, Process)]
#[event(output = ())]
struct Twice {}

impl Listener<DefaultAction<'_, Twice>> for Beside {
    async fn call(&self, ev: DefaultAction<'_, Twice>) -> Result<()> {
        let (core, context) = (self.0.get().unwrap(), ev.context());
        let (one, two) =
            tokio::join!(core.dispatch(context, Outer {}), core.dispatch(context, Outer {}));
        one.and(two)
    }
}

#[tokio::test]
async fn pub_02_savepoints_at_the_same_time_leave_the_process_unharmed() {
    let memory = MemoryStores::new();
    let beside = Beside::default();
    let mut core = Core::builder();
    core.module(memory.clone()).module(nested);
    core.declare::<Twice>().default(beside.clone());
    let core = core.build().unwrap();
    beside.0.set(core.clone()).unwrap();

    core.dispatch(&Context::new(), Twice {}).await.unwrap();

    let stores = Stores::new(memory).unwrap();
    assert_eq!(requests(&stores).await, [address("kept@x.test")]);
}
