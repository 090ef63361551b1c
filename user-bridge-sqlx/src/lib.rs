//! The stores of [`dullahan_user`] in SQLite or PostgreSQL, with embedded migrations.
//!
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! use dullahan_core::{Context, Core};
//! use dullahan_core_bridge_sqlx::SqliteStore;
//! use dullahan_user::{UserModule, domain::Settings, port::UserRepository};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = SqliteStore::open("sqlite::memory:").await?;
//! dullahan_user_bridge_sqlx::migrate(&store).await?;
//!
//! let mut builder = Core::builder();
//! builder
//!     .module(UserModule::new(Settings::default()))
//!     .module(dullahan_user_bridge_sqlx::module(store));
//! # struct Nobody;
//! # impl dullahan_user::port::Mailer for Nobody {
//! #     fn send<'a>(
//! #         &'a self,
//! #         _: &'a dullahan_user::domain::MailMessage,
//! #     ) -> dullahan_core::BoxFuture<'a, dullahan_core::Result<()>> {
//! #         Box::pin(async { Ok(()) })
//! #     }
//! # }
//! # builder.provide::<dyn dullahan_user::port::Mailer>(std::sync::Arc::new(Nobody));
//! let core = builder.build()?;
//!
//! let users = core.services().get::<dyn UserRepository>().expect("the module provides it");
//! let alice = users.find_credentials(&Context::new(), &"alice@x.test".parse()?).await?;
//! assert!(alice.is_none());
//! # Ok(())
//! # }
//! ```
//!
//! # The tables
//!
//! | table | one row is |
//! | --- | --- |
//! | `dullahan_users` | an account |
//! | `dullahan_user_roles` | a role that an account holds |
//! | `dullahan_sessions` | a client that is signed in, under the digest of its token |
//! | `dullahan_one_time_tokens` | the digest of a token that was mailed and not used yet |
//! | `dullahan_email_changes` | a change of an address that its mailboxes have not agreed to yet |
//! | `dullahan_owed_mails` | a mail, from the moment it is owed |
//! | `dullahan_mail_requests` | a mail that a visitor asks for, by an address that may be anybody's |
//! | `dullahan_attempts` | how often something was tried, under a digest of what and by whom |
//! | `dullahan_migrations` | a step by which these tables came about |
//!
//! They lie beside an application's own, which may refer to `dullahan_users (id)` with `ON DELETE CASCADE`: pending accounts
//! are deleted once somebody holds their address, and when they are not activated in time. The prefix is fixed, so that such a reference can be written down. Times have the precision of a millisecond.
//!
//! # What holds
//!
//! - No token is stored, only digests: a copy of the database lets nobody in.
//! - A freshly migrated database has no user, and so nobody who holds a role.
//! - An account holds its address once it is not pending; any number of pending ones may have the same.
//! - Whether an address is taken, a token used up or a mail owed is decided in one statement, under any number of
//!   simultaneous tries.
//! - The session of a request is found with its user and the roles in one statement, and nothing is written for it.
//! - Rows of a user go with the user.
//! - A migration only adds: a program of an older version goes on while a newer one is started beside it.
//!
//! # Locks, and what to do about an error
//!
//! In PostgreSQL a method that changes what belongs to an account first locks the row of the account, until the unit
//! of work ends. So processes about one account take turns, in whatever order their steps are, and cannot wait for
//! each other for ever. Adding a session, a token or a mail waits for nobody but a change of the address and a removal.
//! Workers and purges pass by rows that others are at. In SQLite writers take turns anyway.
//!
//! No statement is retried in here: after an error PostgreSQL takes no further one of a transaction. What can be tried
//! again is the whole process, and the core does so, three times at most, for one that is
//! [repeatable](dullahan_core::Event::REPEAT), as all of the user module are that store anything, and that lost a deadlock
//! or could not be serialised. That, a lost connection and a database that is full or restarting are else
//! [`ErrorKind::Unavailable`](dullahan_core::ErrorKind::Unavailable), and nothing of the process remains: the client may ask again.

mod database;
mod timestamp;

#[cfg(feature = "postgres")]
mod postgres;
#[cfg(feature = "sqlite")]
#[cfg_attr(
    feature = "postgres",
    expect(clippy::duplicate_mod, reason = "both databases take the same statements")
)]
mod sqlite;

use dullahan_core::{CoreBuilder, Module, Result};
use dullahan_core_bridge_sqlx::Store;

pub use self::database::UserDatabase;

/// Creates the tables, or brings older ones up to date. For the start of an application; any number of
/// instances may start at once, and older ones go on.
///
/// # Errors
///
/// When the database refuses; nothing is changed then.
pub async fn migrate<DB: UserDatabase>(store: &Store<DB>) -> Result<()> {
    store.migrate(COMPONENT, DB::MIGRATIONS).await
}

/// Checks that the tables are there and up to date, and changes nothing. For an application whose database another
/// program [migrates](migrate()).
///
/// # Errors
///
/// When they are not; the error names the migrations that are missing.
pub async fn check_migrated<DB: UserDatabase>(store: &Store<DB>) -> Result<()> {
    store.check_migrated(COMPONENT, DB::MIGRATIONS).await
}

/// The name under which the database keeps what was applied.
const COMPONENT: &str = "dullahan_user";

/// The stores of the user module, and the units of work of all processes, over one database.
///
/// An application whose units of work come from the same store says so by this line alone.
///
/// The tables have to be there when the core is built: with a store that was neither [migrated](migrate()) nor
/// [checked](check_migrated), [`build`](CoreBuilder::build) fails.
pub fn module<DB: UserDatabase>(store: Store<DB>) -> impl Module {
    UserStores(store)
}

struct UserStores<DB: UserDatabase>(Store<DB>);

impl<DB: UserDatabase> Module for UserStores<DB> {
    fn name(&self) -> &'static str {
        "dullahan_user_bridge_sqlx"
    }

    fn register(self, core: &mut CoreBuilder) {
        if !self.0.is_migrated(COMPONENT) {
            core.report(
                "the tables of its store were not migrated; call \
                 `dullahan_user_bridge_sqlx::migrate(&store).await?` before `build`, or `check_migrated` where \
                 another program migrates them",
            );
        }
        core.units_of_work(std::sync::Arc::new(self.0.clone()));
        DB::provide(self.0, core);
    }
}
