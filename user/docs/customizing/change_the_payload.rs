use dullahan_core::{Before, CoreBuilder, Result};
use dullahan_user::presentation::event::transport::CreateUserProcess;

fn name_by_address(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
    if ev.user.display_name.is_none() {
        ev.user.display_name = ev.user.email.local_part().parse().ok();
    }
    Ok(())
}

pub(crate) fn register(core: &mut CoreBuilder) {
    core.event::<CreateUserProcess>().before(name_by_address);
}
