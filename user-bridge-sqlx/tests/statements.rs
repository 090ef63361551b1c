//! How many statements something takes, as the driver logs them. By itself, since a process has one log; its tests take
//! turns.

#![cfg(all(feature = "postgres", feature = "sqlite"))]
#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

#[path = "../../core-bridge-sqlx/tests/it/postgres/server.rs"]
mod server;

use std::{
    fmt,
    sync::{
        Arc, Once,
        atomic::{AtomicUsize, Ordering},
    },
};

use dullahan_core::{BoxFuture, Context, Core, Module, Result};
use dullahan_core_bridge_sqlx::{PostgresStore, SqliteStore};
use dullahan_user::{
    UserModule,
    application::UserManagerFacade,
    domain::{
        MailMessage, NewUser, PasswordHash, RegistrationRequest, RegistrationResponse, Settings,
        TokenDigest, UserId,
    },
    infrastructure::{Argon2Hasher, Argon2Settings},
    port::{Mailer, UserPersistManager as _},
    testing::Stores,
};
use dullahan_user_bridge_sqlx::{check_migrated, migrate, module};
use time::OffsetDateTime;
use tokio::sync::{Mutex, MutexGuard};
use tracing::{
    Event, Metadata, Subscriber,
    field::{Field, Visit},
    span, subscriber,
};

static STATEMENTS: AtomicUsize = AtomicUsize::new(0);
static LOG: Once = Once::new();
static TURN: Mutex<()> = Mutex::const_new(());

/// Waits until no other test counts.
async fn count_alone() -> MutexGuard<'static, ()> {
    let turn = TURN.lock().await;
    LOG.call_once(|| subscriber::set_global_default(Statements).unwrap());
    turn
}

/// Counts what sqlx logs of statements, but for those that set a new connection up: how many are opened depends on when
/// the pool gets one back.
struct Statements;

/// Whether a logged statement is one of the stores.
struct Found(bool);

impl Visit for Found {
    fn record_debug(&mut self, _: &Field, value: &dyn fmt::Debug) {
        let text = format!("{value:?}");
        let words = ["dullahan_", "BEGIN", "COMMIT", "SAVEPOINT", "ROLLBACK"];
        self.0 |= words.iter().any(|word| text.contains(word));
    }
}

impl Subscriber for Statements {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }

    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}

    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut found = Found(false);
        event.record(&mut found);
        if found.0 {
            STATEMENTS.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn enter(&self, _: &span::Id) {}

    fn exit(&self, _: &span::Id) {}
}

/// So many lookups, on connections that are opened for them.
async fn look_up(stores: &Stores, times: usize) {
    for _ in 0..times {
        let digest = TokenDigest::from_bytes([1; 32]);
        assert!(stores.sessions.find(&Context::new(), &digest).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn a_session_is_looked_up_with_its_user_and_the_roles_in_one_statement() {
    let _turn = count_alone().await;
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}/users.sqlite", folder.path().display());
    migrate(&SqliteStore::open(&sqlite).await.unwrap()).await.unwrap();
    let postgres = server::create_database().await;
    migrate(&PostgresStore::open(&postgres).await.unwrap()).await.unwrap();

    // What it takes to open a connection is the same each time, and by the time it is closed all is logged.
    let mut counts = [[0; 2]; 2];
    for (number, times) in [1, 11].into_iter().enumerate() {
        STATEMENTS.store(0, Ordering::SeqCst);
        let store = SqliteStore::open(&sqlite).await.unwrap();
        check_migrated(&store).await.unwrap();
        look_up(&Stores::new(module(store.clone())).unwrap(), times).await;
        store.close().await;
        counts[0][number] = STATEMENTS.swap(0, Ordering::SeqCst);
        let store = PostgresStore::open(&postgres).await.unwrap();
        check_migrated(&store).await.unwrap();
        look_up(&Stores::new(module(store.clone())).unwrap(), times).await;
        store.close().await;
        counts[1][number] = STATEMENTS.load(Ordering::SeqCst);
    }
    assert!(counts.iter().all(|[few, many]| *few > 0 && many - few == 10), "{counts:?}");
}

/// A mailer that takes everything.
struct Sink;

impl Mailer for Sink {
    fn send<'a>(&'a self, _: &'a MailMessage) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Ok(()) })
    }
}

fn users(stores: impl Module) -> UserManagerFacade {
    let hasher = Argon2Hasher::new(Argon2Settings::insecure_for_tests()).unwrap();
    let module = UserModule::new(Settings::default()).with_password_hasher(Arc::new(hasher));
    let core = Core::builder()
        .module(module)
        .module(stores)
        .provide::<dyn Mailer>(Arc::new(Sink))
        .build()
        .unwrap();
    UserManagerFacade::new(core)
}

async fn register(stores: impl Module, email: &str) {
    let request = RegistrationRequest {
        email: email.to_owned(),
        password: "correct horse battery staple".parse().ok(),
        ..RegistrationRequest::default()
    };
    let registered = users(stores).register(&Context::new(), request).await.unwrap();
    assert_eq!(registered, RegistrationResponse::Pending);
}

/// Stores somebody who holds an address, and somebody who has registered one.
async fn fill(stores: impl Module) {
    let stores = Stores::new(stores).unwrap();
    let stored = stores.process(|stores, context| {
        Box::pin(async move {
            let now = OffsetDateTime::UNIX_EPOCH;
            for (email, activated_at) in [("held@x.test", Some(now)), ("pending@x.test", None)] {
                let user = NewUser {
                    id: UserId::new(),
                    email: email.parse()?,
                    display_name: None,
                    locale: None,
                    password_hash: PasswordHash::from_phc("$argon2id$x".to_owned())?,
                    created_at: now,
                    registered_from: None,
                    activated_at,
                };
                stores.users.insert(context, &user).await?;
            }
            Ok(())
        })
    });
    stored.await.unwrap();
}

#[tokio::test]
async fn user_12_a_free_and_a_taken_address_are_registered_by_the_same_statements() {
    let _turn = count_alone().await;
    let folder = tempfile::tempdir().unwrap();
    let sqlite = format!("sqlite://{}/users.sqlite", folder.path().display());
    let store = SqliteStore::open(&sqlite).await.unwrap();
    migrate(&store).await.unwrap();
    fill(module(store)).await;
    let postgres = server::create_database().await;
    let store = PostgresStore::open(&postgres).await.unwrap();
    migrate(&store).await.unwrap();
    fill(module(store)).await;

    let mut counts = [Vec::new(), Vec::new()];
    for email in ["free@x.test", "held@x.test", "HELD@x.test", "pending@x.test", "free@x.test"] {
        STATEMENTS.store(0, Ordering::SeqCst);
        let store = SqliteStore::open(&sqlite).await.unwrap();
        check_migrated(&store).await.unwrap();
        register(module(store.clone()), email).await;
        store.close().await;
        counts[0].push(STATEMENTS.swap(0, Ordering::SeqCst));
        let store = PostgresStore::open(&postgres).await.unwrap();
        check_migrated(&store).await.unwrap();
        register(module(store.clone()), email).await;
        store.close().await;
        counts[1].push(STATEMENTS.load(Ordering::SeqCst));
    }
    for counts in &counts {
        assert!(counts[0] >= 2 && counts.iter().all(|count| *count == counts[0]), "{counts:?}");
    }
}
