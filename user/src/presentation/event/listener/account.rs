//! The wiring of looking at an account, changing, copying and removing it.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{
        CloseAccount, FindUser, GatherAccount, RemoveAccount, RemoveClosedUser, RemoveUser,
        ReopenAccount, UpdateUser, export_account, get_account, serialize_user, update_account,
        validate_account_changes,
    },
    presentation::event::transport::{
        CloseAccountProcess, ExportAccount, ExportAccountSaga, GetAccountSaga, GetUser,
        RemoveAccountSaga, RemoveClosedUserProcess, RemoveUserProcess, ReopenAccountProcess,
        SerializeUser, UpdateAccountSaga, UpdateUserProcess, ValidateAccountChanges,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<GetAccountSaga>().default(get_account);
    core.declare::<GetUser>().default(FindUser::new);
    core.declare::<SerializeUser>().default(serialize_user);
    core.declare::<UpdateAccountSaga>().default(update_account);
    core.declare::<ValidateAccountChanges>().default(validate_account_changes);
    core.declare::<UpdateUserProcess>().default(UpdateUser::new);
    core.declare::<RemoveAccountSaga>().default(RemoveAccount::new);
    core.declare::<RemoveUserProcess>().default(RemoveUser::new);
    core.declare::<CloseAccountProcess>().default(CloseAccount::new);
    core.declare::<ReopenAccountProcess>().default(ReopenAccount::new);
    core.declare::<RemoveClosedUserProcess>().default(RemoveClosedUser::new);
    core.declare::<ExportAccountSaga>().default(export_account);
    core.declare::<ExportAccount>().default(GatherAccount::new);
}
