//! The wiring of an activation, and of what a visitor asks a mail for.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{
        ActivateUser, ActivateWithToken, AnswerMailRequest, DropSurplusPendingUsersInStore,
        FindPendingCredentials, RequestMail, forgot_password, resend_activation,
    },
    presentation::event::transport::{
        ActivateUserProcess, ActivateUserSaga, AnswerMailRequestProcess, DropSurplusPendingUsers,
        ForgotPasswordSaga, LoadPendingCredentials, RequestMailProcess, ResendActivationSaga,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<ActivateUserSaga>().default(ActivateWithToken::new);
    core.declare::<ActivateUserProcess>().default(ActivateUser::new);
    core.declare::<LoadPendingCredentials>().default(FindPendingCredentials::new);
    core.declare::<DropSurplusPendingUsers>().default(DropSurplusPendingUsersInStore::new);
    core.declare::<ResendActivationSaga>().default(resend_activation);
    core.declare::<ForgotPasswordSaga>().default(forgot_password);
    core.declare::<RequestMailProcess>().default(RequestMail::new);
    core.declare::<AnswerMailRequestProcess>().default(AnswerMailRequest::new);
}
