use dullahan_core::{CoreBuilder, DefaultAction, Inject, Result};
use dullahan_user::{
    domain::{User, UserStatus},
    presentation::event::transport::CreateUserProcess,
};

use super::Directory;

async fn create_in_directory(
    ev: DefaultAction<'_, CreateUserProcess>,
    directory: Inject<'_, Directory>,
) -> Result<User> {
    directory.add(ev.user.email.as_str(), ev.user.password_hash.as_phc()).await?;
    Ok(User { status: UserStatus::Active, ..ev.user.to_user() })
}

pub(crate) fn register(core: &mut CoreBuilder) {
    core.event::<CreateUserProcess>().override_default(create_in_directory);
}
