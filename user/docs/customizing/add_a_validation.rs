use dullahan_core::{Before, CoreBuilder, Result, Violation};
use dullahan_user::presentation::event::transport::ValidateRegistrationProcess;

fn members_only(mut ev: Before<'_, ValidateRegistrationProcess>) -> Result<()> {
    if !ev.request.email.ends_with("@club.test") {
        ev.reject(Violation::new("/email", "not_a_member"));
    }
    Ok(())
}

pub(crate) fn register(core: &mut CoreBuilder) {
    core.event::<ValidateRegistrationProcess>().before(members_only);
}
