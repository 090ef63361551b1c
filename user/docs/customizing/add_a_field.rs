use dullahan_core::{After, CoreBuilder, Inject, Result};
use dullahan_core_bridge_sqlx::{SqliteStore, store_error};
use dullahan_user::{
    application::functor::TakeExtra,
    presentation::event::transport::{CreateUserProcess, ValidateRegistrationProcess},
};
use sqlx::query;

#[derive(Clone, serde::Deserialize)]
struct Size(i64);

async fn keep_size(ev: After<'_, CreateUserProcess>, db: Inject<'_, SqliteStore>) -> Result<()> {
    let Some(Size(size)) = ev.context().get() else { return Ok(()) };
    let row = query("INSERT INTO sizes VALUES ($1, $2)").bind(ev.output().id.as_uuid()).bind(size);
    row.execute(&mut *db.write(ev.context()).await?).await.map(drop).map_err(store_error)
}

pub(crate) fn register(core: &mut CoreBuilder) {
    core.event::<ValidateRegistrationProcess>().before(TakeExtra::<Size>::named("shoe_size"));
    core.event::<CreateUserProcess>().after(keep_size);
}
