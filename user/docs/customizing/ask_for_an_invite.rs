use dullahan_core::{After, CoreBuilder, DefaultAction, Error, Inject, Process, Result, Violation};
use dullahan_core_bridge_sqlx::store_error;
use dullahan_user::{
    application::functor::TakeExtra, presentation::event::transport::ValidateRegistrationProcess,
};
use sqlx::query;

use super::Store;

#[derive(Clone, serde::Deserialize)]
struct Invite(String);

#[derive(Process)]
struct ReturnInviteProcess(String);

async fn use_up(
    mut ev: After<'_, ValidateRegistrationProcess>,
    db: Inject<'_, Store>,
) -> Result<()> {
    let Some(Invite(code)) = ev.context().get() else { return Ok(()) };
    let delete = query("DELETE FROM invites WHERE code = $1").bind(&code);
    let deleted = delete.execute(&mut *db.write(ev.context()).await?).await.map_err(store_error)?;
    if deleted.rows_affected() == 0 {
        return Err(Error::invalid([Violation::new("/extra/invite", "invite_invalid")]));
    }
    ev.compensate_with(ReturnInviteProcess(code));
    Ok(())
}

async fn give_back(ev: DefaultAction<'_, ReturnInviteProcess>, db: Inject<'_, Store>) -> Result<()> {
    let insert = query("INSERT INTO invites VALUES ($1)").bind(&ev.0);
    insert.execute(&mut *db.write(ev.context()).await?).await.map(drop).map_err(store_error)
}

pub(crate) fn register(core: &mut CoreBuilder) {
    let invite = TakeExtra::<Invite>::named("invite").required();
    core.event::<ValidateRegistrationProcess>().before(invite).after(use_up);
    core.declare::<ReturnInviteProcess>().default(give_back);
}
