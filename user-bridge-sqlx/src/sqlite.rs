//! The stores in SQLite.

#[path = "repository/mails.rs"]
mod mails;
#[path = "repository/sessions.rs"]
mod sessions;
#[path = "repository/tokens.rs"]
mod tokens;
#[path = "repository/users.rs"]
mod users;

use std::sync::Arc;

use dullahan_core::{CoreBuilder, Module, Result};
use dullahan_core_bridge_sqlx::{Migration, SqliteStore as Store};
use dullahan_user::port::{MailQueue, SessionRepository, TokenRepository, UserRepository};
use sqlx::sqlite::SqliteRow as Row;

use self::{mails::Mails, sessions::Sessions, tokens::Tokens, users::Users};

const MIGRATIONS: &[Migration] =
    &[Migration::new(1, "users", include_str!("../migrations/sqlite/0001_users.sql"))];

/// Creates the tables, or brings older ones up to date. For the start of an application; any number of
/// instances may start at once.
///
/// # Errors
///
/// When the database refuses; nothing is changed then.
pub async fn migrate(store: &Store) -> Result<()> {
    store.migrate("dullahan_user", MIGRATIONS).await
}

/// The stores of the user module, and the units of work of all processes, over one database.
pub fn module(store: Store) -> impl Module {
    move |core: &mut CoreBuilder| {
        core.units_of_work(Arc::new(store.clone()));
        core.provide::<dyn UserRepository>(Arc::new(Users::new(store.clone())));
        core.provide::<dyn SessionRepository>(Arc::new(Sessions::new(store.clone())));
        core.provide::<dyn TokenRepository>(Arc::new(Tokens::new(store.clone())));
        core.provide::<dyn MailQueue>(Arc::new(Mails::new(store)));
    }
}
