//! The wiring of looking at accounts.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{FindUser, get_account, serialize_user},
    presentation::event::transport::{GetAccountSaga, GetUser, SerializeUser},
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<GetAccountSaga>().default(get_account);
    core.declare::<GetUser>().default(FindUser::new);
    core.declare::<SerializeUser>().default(serialize_user);
}
