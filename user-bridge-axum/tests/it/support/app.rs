//! An application with the module, on a socket and a database of its own.

use std::{net::SocketAddr, sync::Arc};

use dullahan_core::{Core, CoreBuilder};
use dullahan_core_bridge_sqlx::{PostgresStore, SqliteStore};
use dullahan_user::{
    UserModule,
    domain::{AddressLimits, AttemptLimit, Limits, Settings},
    infrastructure::{Argon2Hasher, Argon2Settings},
    port::{Mailer, PasswordHasher as _},
    presentation::http::{ClientAddress, HttpSettings, UserHttp},
};

use super::{
    ALICE, HOUR, MINUTE, PASSWORD,
    client::{Client, Send as _},
    clock::TestClock,
    database::Database,
    hasher::TestHasher,
    log,
    mailer::TestMailer,
    mount::Mount,
};
use crate::server::Server;

/// An application with the module, on a socket and a database of its own. It stops when this is dropped.
pub(crate) struct App {
    pub(crate) users: UserHttp,
    pub(crate) core: Core,
    pub(crate) store: Store,
    pub(crate) database: Database,
    pub(crate) clock: Arc<TestClock>,
    pub(crate) mailer: Arc<TestMailer>,
    pub(crate) hasher: Arc<TestHasher>,
    pub(crate) client: Client,
    pub(crate) address: SocketAddr,
    pub(crate) server: Server,
}

/// The store of either database.
#[derive(Clone)]
pub(crate) enum Store {
    Sqlite(SqliteStore),
    Postgres(PostgresStore),
}

impl Store {
    async fn open(database: &Database) -> Self {
        let url = database.url().await;
        if database.is_on_server() {
            let store = PostgresStore::open(&url).await.unwrap();
            dullahan_user_bridge_sqlx::migrate(&store).await.unwrap();
            return Self::Postgres(store);
        }
        let store = SqliteStore::open(&url).await.unwrap();
        dullahan_user_bridge_sqlx::migrate(&store).await.unwrap();
        Self::Sqlite(store)
    }

    fn provide(&self, core: &mut CoreBuilder) {
        match self.clone() {
            Self::Sqlite(store) => core
                .provide::<SqliteStore>(Arc::new(store.clone()))
                .module(dullahan_user_bridge_sqlx::module(store)),
            Self::Postgres(store) => core
                .provide::<PostgresStore>(Arc::new(store.clone()))
                .module(dullahan_user_bridge_sqlx::module(store)),
        };
    }

    pub(crate) async fn close(&self) {
        match self {
            Self::Sqlite(store) => store.close().await,
            Self::Postgres(store) => store.close().await,
        }
    }

    /// The store, where the test runs on SQLite only.
    pub(crate) fn sqlite(&self) -> SqliteStore {
        match self {
            Self::Sqlite(store) => store.clone(),
            Self::Postgres(_) => panic!("this is PostgreSQL"),
        }
    }
}

/// What a test wants to be different from the usual application.
pub(crate) struct Plan {
    pub(crate) database: Database,
    pub(crate) settings: Settings,
    pub(crate) http: HttpSettings,
    pub(crate) hasher: TestHasher,
    pub(crate) mount: Mount,
    /// The client's address, where the application says it itself.
    pub(crate) forwarded: Option<ClientAddress>,
    pub(crate) extend: Box<dyn FnOnce(&mut CoreBuilder)>,
}

impl Default for Plan {
    fn default() -> Self {
        Self {
            database: Database::in_file(),
            // All clients of a test have one address.
            settings: Settings {
                service_name: "Stable".to_owned(),
                limits: Limits { by_address: AddressLimits::NONE, ..Limits::default() },
                ..Settings::default()
            },
            http: HttpSettings::default(),
            hasher: TestHasher::new(Argon2Settings::insecure_for_tests()),
            mount: Mount::Merged,
            forwarded: None,
            extend: Box::new(|_| {}),
        }
    }
}

impl Plan {
    /// The usual application in SQLite.
    pub(crate) fn on_sqlite() -> Self {
        Self::default()
    }

    /// The usual application in PostgreSQL.
    pub(crate) fn on_postgres() -> Self {
        Self { database: Database::on_server(), ..Self::default() }
    }

    /// The usual application with these listeners.
    pub(crate) fn extended(extend: impl FnOnce(&mut CoreBuilder) + 'static) -> Self {
        Self::default().with(extend)
    }

    /// The same with these listeners.
    #[must_use]
    pub(crate) fn with(self, extend: impl FnOnce(&mut CoreBuilder) + 'static) -> Self {
        Self { extend: Box::new(extend), ..self }
    }

    /// The same with other settings.
    #[must_use]
    pub(crate) fn set(mut self, change: impl FnOnce(&mut Settings)) -> Self {
        change(&mut self.settings);
        self
    }

    /// The same where a password may be tried as often as anybody likes.
    #[must_use]
    pub(crate) fn without_limit_of_passwords(self) -> Self {
        let limit = AttemptLimit::new(u32::MAX, HOUR);
        self.set(|Settings { limits, .. }| {
            limits.password = limit;
            limits.password_on_known_device = limit;
            limits.own_password = limit;
        })
    }

    /// The same where a client address may do each thing so often in a minute.
    #[must_use]
    pub(crate) fn limiting_addresses(self, attempts: u32) -> Self {
        let limit = AttemptLimit::new(attempts, MINUTE);
        self.set(|settings| settings.limits.by_address = AddressLimits::all(limit))
    }

    /// The usual application, and Alice.
    pub(crate) async fn start_with_alice(self) -> App {
        let app = self.start().await;
        app.add_user(ALICE).await;
        app
    }

    pub(crate) async fn start(self) -> App {
        log::record();
        let store = Store::open(&self.database).await;
        let (clock, mailer) = (Arc::new(TestClock::new()), Arc::new(TestMailer::default()));
        let hasher = Arc::new(self.hasher);
        let module = UserModule::new(self.settings)
            .with_clock(Arc::clone(&clock) as _)
            .with_password_hasher(Arc::clone(&hasher) as _);
        let core = Core::builder()
            .module(module)
            .module(|core: &mut CoreBuilder| store.provide(core))
            .provide::<dyn Mailer>(Arc::clone(&mailer) as _)
            .module(self.extend)
            .build()
            .unwrap();
        let users = UserHttp::new(core.clone(), self.http).unwrap();
        let (server, address) = Server::start(users.clone(), self.mount, self.forwarded).await;
        let client = Client::new(address, self.mount.prefix());
        let database = self.database;
        App { users, core, store, database, clock, mailer, hasher, client, address, server }
    }
}

impl App {
    /// The usual application.
    pub(crate) async fn start() -> Self {
        Plan::default().start().await
    }

    /// The usual application with these listeners.
    pub(crate) async fn extended(extend: impl FnOnce(&mut CoreBuilder) + 'static) -> Self {
        Plan::extended(extend).start().await
    }

    /// Works off the mails that are due.
    pub(crate) async fn deliver_mails(&self) {
        while self.users.users().deliver_mail().await.unwrap() {}
    }

    /// Registers somebody with the usual password and gives the token of the activation mail.
    pub(crate) async fn register(&self, email: &str) -> String {
        self.client.register(email).answer().await.expect(202);
        self.deliver_mails().await;
        self.mailer.token(email)
    }

    /// A user who is active and has the usual password.
    pub(crate) async fn add_user(&self, email: &str) {
        let token = self.register(email).await;
        self.client.activate(&token).answer().await.expect(204);
    }

    /// A user who is active and has this password.
    pub(crate) async fn add_user_with(&self, email: &str, password: &str) {
        self.client.register_with(email, password).answer().await.expect(202);
        self.deliver_mails().await;
        let token = self.mailer.token(email);
        self.client.activate_with(&token, password).answer().await.expect(204);
        assert_ne!(password, PASSWORD, "add_user does");
    }

    /// Puts a hash into the place of every user's that asks to be renewed.
    pub(crate) async fn age_the_hash(&self) {
        let other = Argon2Settings::insecure_for_tests().with_memory_kib(16);
        let hasher = Argon2Hasher::new(other).unwrap();
        let hash = hasher.hash(&PASSWORD.parse().unwrap()).await.unwrap();
        let update = format!("UPDATE dullahan_users SET password_hash = '{}'", hash.as_phc());
        self.database.execute(&update).await;
    }
}
