//! The wiring of an activation, and of what a visitor asks a mail for.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{
        ActivateUser, AnswerMailRequest, RequestMail, activate_with_token, audit, forgot_password,
        resend_activation,
    },
    presentation::event::transport::{
        ActivateUserProcess, ActivateUserSaga, AnswerMailRequestProcess, ForgotPasswordSaga,
        RequestMailProcess, ResendActivationSaga,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<ActivateUserSaga>()
        .default(activate_with_token)
        .observe(audit::<ActivateUserSaga>);
    core.declare::<ActivateUserProcess>().default(ActivateUser::new);
    core.declare::<ResendActivationSaga>()
        .default(resend_activation)
        .observe(audit::<ResendActivationSaga>);
    core.declare::<ForgotPasswordSaga>()
        .default(forgot_password)
        .observe(audit::<ForgotPasswordSaga>);
    core.declare::<RequestMailProcess>().default(RequestMail::new);
    core.declare::<AnswerMailRequestProcess>().default(AnswerMailRequest::new);
}
