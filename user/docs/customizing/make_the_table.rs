use std::sync::Arc;

use dullahan_core::{CoreBuilder, Result};
use dullahan_core_bridge_sqlx::{Migration, SqliteStore};

pub(crate) const SIZES: Migration = Migration::new(
    1,
    "sizes",
    "CREATE TABLE sizes (\
     user_id BLOB NOT NULL PRIMARY KEY REFERENCES dullahan_users (id) ON DELETE CASCADE, \
     size INTEGER NOT NULL) STRICT",
);

pub(crate) async fn open(url: &str, core: &mut CoreBuilder) -> Result<()> {
    let store = SqliteStore::open(url).await?;
    dullahan_user_bridge_sqlx::migrate(&store).await?;
    store.migrate("my_app", &[SIZES]).await?;
    core.provide::<SqliteStore>(Arc::new(store.clone()));
    core.module(dullahan_user_bridge_sqlx::module(store));
    Ok(())
}
