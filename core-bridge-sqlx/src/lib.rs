//! The unit of work of a process over one SQLite or PostgreSQL transaction, by [sqlx](https://docs.rs/sqlx/0.9).
//!
//! A [`Store`] is a database. A core takes it as its provider of units of work, and repositories take their
//! connection from it: inside of a process that of the process's transaction, which begins at the first of
//! them and ends with the process.
//!
#![cfg_attr(feature = "sqlite", doc = "```")]
#![cfg_attr(not(feature = "sqlite"), doc = "```ignore")]
//! use std::sync::Arc;
//!
//! use dullahan_core::{Context, Core, DefaultAction, Listener, Process, Result};
//! use dullahan_core_bridge_sqlx::{SqliteStore, store_error};
//!
//! /// A repository: it writes in the unit of work and reads wherever it is asked to.
//! #[derive(Clone)]
//! struct Notes(SqliteStore);
//!
//! impl Notes {
//!     async fn add(&self, context: &Context, text: &str) -> Result<()> {
//!         let mut connection = self.0.write(context).await?;
//!         let insert = sqlx::query("INSERT INTO notes (text) VALUES ($1)").bind(text);
//!         insert.execute(&mut *connection).await.map_err(store_error)?;
//!         Ok(())
//!     }
//!
//!     async fn count(&self, context: &Context) -> Result<i64> {
//!         let mut connection = self.0.read(context).await?;
//!         let count = sqlx::query_scalar("SELECT count(*) FROM notes");
//!         count.fetch_one(&mut *connection).await.map_err(store_error)
//!     }
//! }
//!
//! #[derive(Process)]
//! #[event(output = (), preventable)]
//! struct TakeNote {
//!     text: String,
//! }
//!
//! impl Listener<DefaultAction<'_, TakeNote>> for Notes {
//!     async fn call(&self, ev: DefaultAction<'_, TakeNote>) -> Result<()> {
//!         self.add(ev.context(), &ev.text).await
//!     }
//! }
//!
//! # use dullahan_core_bridge_sqlx::Migration;
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let store = SqliteStore::open("sqlite::memory:").await?;
//! let tables = Migration::new(1, "notes", "CREATE TABLE notes (text TEXT NOT NULL) STRICT");
//! store.migrate("example", &[tables]).await?;
//!
//! let notes = Notes(store.clone());
//! let mut builder = Core::builder();
//! builder.units_of_work(Arc::new(store));
//! builder.declare::<TakeNote>().default(notes.clone());
//! let core = builder.build()?;
//!
//! core.dispatch(&Context::new(), TakeNote { text: "hello".to_owned() }).await?;
//! assert_eq!(notes.count(&Context::new()).await?, 1);
//!
//! let refused = notes.add(&Context::new(), "nobody would commit this").await;
//! assert!(refused.is_err());
//! # Ok(())
//! # }
//! ```
//!
//! # Which one do I need?
//!
//! | what | where |
//! | --- | --- |
//! | to open a database | `SqliteStore::open`, `PostgresStore::open`, their `open_with` for other settings, or [`Store::from_pool`] with a pool of one's own |
//! | to give a core its units of work | `builder.units_of_work(Arc::new(store))` |
//! | to read or write in a repository | [`Store::read`], [`Store::write`] |
//! | to tell a core what went wrong | [`store_error`] |
//! | to create tables | [`Store::migrate`] |
//!
//! # What holds
//!
//! - A process without a repository call begins no transaction, and takes no connection.
//! - An error, a panic and a dropped future roll back. A commit that has begun is carried to its end, even when
//!   the one who waits for it goes away.
//! - In a process a repository reads what the process wrote; outside, what is committed.
//! - What was committed survives the death of the process, and of the machine: SQLite writes with
//!   `synchronous=FULL`, and PostgreSQL is left at its own default, which is the same promise.
//! - A database that is busy, full, gone or restarting is a
//!   [`ErrorKind::Unavailable`](dullahan_core::ErrorKind::Unavailable); everything else is an internal error.
//! - A process that lost a deadlock, or that could not be serialised, is undone and, if it is
//!   [repeatable](dullahan_core::Event::REPEAT), run again.

mod backend;
mod cached_pool;
mod error;
mod guard;
mod migration;
mod open_error;
#[cfg(feature = "postgres")]
mod postgres;
mod runtime;
#[cfg(feature = "sqlite")]
mod sqlite;
mod store;
mod to_the_end;
mod transaction;
mod unit;

#[cfg(feature = "postgres")]
pub use self::postgres::{PostgresSettings, PostgresStore};
#[cfg(feature = "sqlite")]
pub use self::sqlite::{SqliteSettings, SqliteStore};
pub use self::{
    backend::Backend,
    error::store_error,
    guard::{ReadGuard, WriteGuard},
    migration::Migration,
    open_error::OpenError,
    store::Store,
};
