//! The wiring of passwords that are changed or were forgotten, and of proving again who one is.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{
        ChangePassword, CompareAuthenticationTime, FindOwnCredentials, FindTokenInStore,
        ProveByPassword, RenewSession, ResetPassword, change_password, reauthenticate,
        reset_password,
    },
    presentation::event::transport::{
        ChangePasswordProcess, ChangePasswordSaga, FindToken, LoadOwnCredentials, ProveOwnPassword,
        ReauthenticateSaga, RenewSessionProcess, RequireRecentAuthentication, ResetPasswordProcess,
        ResetPasswordSaga,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<ReauthenticateSaga>().default(reauthenticate);
    core.declare::<ProveOwnPassword>().default(ProveByPassword::new);
    core.declare::<LoadOwnCredentials>().default(FindOwnCredentials::new);
    core.declare::<RenewSessionProcess>().default(RenewSession::new);
    core.declare::<RequireRecentAuthentication>().default(CompareAuthenticationTime::new);
    core.declare::<ChangePasswordSaga>().default(change_password);
    core.declare::<ChangePasswordProcess>().default(ChangePassword::new);
    core.declare::<ResetPasswordSaga>().default(reset_password);
    core.declare::<FindToken>().default(FindTokenInStore::new);
    core.declare::<ResetPasswordProcess>().default(ResetPassword::new);
}
