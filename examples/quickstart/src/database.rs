//! The database by its address: a file of SQLite, or PostgreSQL.

use std::error::Error;

use dullahan_core::CoreBuilder;
use dullahan_core_bridge_sqlx::{PostgresStore, SqliteStore};
use dullahan_user_bridge_sqlx::{migrate, module};

/// Opens the database, brings its tables up to date, and adds its stores to the core.
pub(crate) async fn open(url: &str, core: &mut CoreBuilder) -> Result<(), Box<dyn Error>> {
    if url.starts_with("postgres") {
        let store = PostgresStore::open(url).await?;
        migrate(&store).await?;
        core.module(module(store));
    } else {
        let store = SqliteStore::open(url).await?;
        migrate(&store).await?;
        core.module(module(store));
    }
    Ok(())
}
