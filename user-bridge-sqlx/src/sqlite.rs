//! The stores in SQLite.

/// What keeps others from rows that a statement takes. Writers take turns in SQLite, so nobody else is there.
macro_rules! locking {
    ($clause:literal) => {
        ""
    };
}

#[path = "repository/account_lock.rs"]
mod account_lock;
#[path = "repository/attempts.rs"]
mod attempts;
#[path = "repository/email_changes.rs"]
mod email_changes;
#[path = "repository/mails.rs"]
mod mails;
#[path = "repository/purge.rs"]
mod purge;
#[path = "repository/row.rs"]
mod row;
#[path = "repository/sessions.rs"]
mod sessions;
#[path = "repository/tokens.rs"]
mod tokens;
#[path = "repository/users.rs"]
mod users;

use std::sync::Arc;

use dullahan_core::CoreBuilder;
use dullahan_core_bridge_sqlx::{Migration, SqliteStore as Store};
use dullahan_user::port::{
    AttemptRepository, EmailChangeRepository, MailQueue, SessionRepository, TokenRepository,
    UserRepository,
};
use sqlx::{
    Sqlite as Database, SqliteConnection as Connection,
    sqlite::{SqliteArguments as Arguments, SqliteRow as Row},
};

use self::{
    attempts::Attempts, email_changes::EmailChanges, mails::Mails, sessions::Sessions,
    tokens::Tokens, users::Users,
};
use crate::database::{Sealed, UserDatabase};

/// Whether one process at a time writes, so that none has to keep others from its rows.
const WRITERS_TAKE_TURNS: bool = true;

impl UserDatabase for Database {}

impl Sealed for Database {
    const MIGRATIONS: &'static [Migration] = &[
        Migration::new(1, "users", include_str!("../migrations/sqlite/0001_users.sql")),
        Migration::new(2, "accounts", include_str!("../migrations/sqlite/0002_accounts.sql")),
        Migration::new(3, "roles", include_str!("../migrations/sqlite/0003_roles.sql")),
    ];

    fn provide(store: Store, core: &mut CoreBuilder) {
        core.provide::<dyn UserRepository>(Arc::new(Users::new(store.clone())));
        core.provide::<dyn SessionRepository>(Arc::new(Sessions::new(store.clone())));
        core.provide::<dyn TokenRepository>(Arc::new(Tokens::new(store.clone())));
        core.provide::<dyn EmailChangeRepository>(Arc::new(EmailChanges::new(store.clone())));
        core.provide::<dyn MailQueue>(Arc::new(Mails::new(store.clone())));
        core.provide::<dyn AttemptRepository>(Arc::new(Attempts::new(store)));
    }
}
