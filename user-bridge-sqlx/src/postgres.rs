//! The stores in PostgreSQL.

#[macro_use]
#[path = "repository/mails.rs"]
mod mails;
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
use dullahan_core_bridge_sqlx::{Migration, PostgresStore as Store};
use dullahan_user::port::{MailQueue, SessionRepository, TokenRepository, UserRepository};
use sqlx::{Postgres as Database, postgres::PgRow as Row};

use self::{mails::Mails, sessions::Sessions, tokens::Tokens, users::Users};
use crate::database::{Sealed, UserDatabase};

/// Claims the next mail that is due and that nobody else is about to claim.
const CLAIM: &str = claim!("FOR UPDATE SKIP LOCKED");

impl UserDatabase for Database {}

impl Sealed for Database {
    const MIGRATIONS: &'static [Migration] =
        &[Migration::new(1, "users", include_str!("../migrations/postgres/0001_users.sql"))];

    fn provide(store: Store, core: &mut CoreBuilder) {
        core.provide::<dyn UserRepository>(Arc::new(Users::new(store.clone())));
        core.provide::<dyn SessionRepository>(Arc::new(Sessions::new(store.clone())));
        core.provide::<dyn TokenRepository>(Arc::new(Tokens::new(store.clone())));
        core.provide::<dyn MailQueue>(Arc::new(Mails::new(store)));
    }
}
