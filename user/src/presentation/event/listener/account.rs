//! The wiring of looking at an account, changing, copying and removing it.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{
        FindUser, GatherAccount, RemoveAccount, RemoveUser, UpdateUser, audit, export_account,
        get_account, serialize_user, update_account, validate_account_changes,
    },
    presentation::event::transport::{
        ExportAccount, ExportAccountSaga, GetAccountSaga, GetUser, RemoveAccountSaga,
        RemoveUserProcess, SerializeUser, UpdateAccountSaga, UpdateUserProcess,
        ValidateAccountChanges,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<GetAccountSaga>().default(get_account);
    core.declare::<GetUser>().default(FindUser::new);
    core.declare::<SerializeUser>().default(serialize_user);
    core.declare::<UpdateAccountSaga>().default(update_account).observe(audit::<UpdateAccountSaga>);
    core.declare::<ValidateAccountChanges>().default(validate_account_changes);
    core.declare::<UpdateUserProcess>().default(UpdateUser::new);
    core.declare::<RemoveAccountSaga>()
        .default(RemoveAccount::new)
        .observe(audit::<RemoveAccountSaga>);
    core.declare::<RemoveUserProcess>().default(RemoveUser::new);
    core.declare::<ExportAccountSaga>().default(export_account).observe(audit::<ExportAccountSaga>);
    core.declare::<ExportAccount>().default(GatherAccount::new);
}
