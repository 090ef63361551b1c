//! What each event says of itself to the audit.

use std::any::Any;

use dullahan_core::Event;

use crate::{
    domain::{
        Audited, EmailConfirmation, OpenedSession, RegistrationResponse, Role, SessionId, User,
        UserId,
    },
    presentation::event::transport::{
        ActivateUserSaga, CancelEmailChangeSaga, ChangePasswordSaga, CheckForgery, CheckRole,
        ConfirmEmailChangeSaga, DeliverMailSaga, ExportAccountSaga, ForgotPasswordSaga,
        GetAccountSaga, GrantRoleSaga, ListSessionsSaga, LogInSaga, LogOutSaga, PurgeSaga,
        ReauthenticateSaga, RegisterUserSaga, RemoveAccountSaga, RequestEmailChangeSaga,
        ResendActivationSaga, ResetPasswordSaga, RevokeOtherSessionsSaga, RevokeRoleSaga,
        RevokeSessionSaga, UpdateAccountSaga,
    },
};

macro_rules! audited {
    ($(
        $Event:ident as $action:literal, $event:ident, $output:ident => $who:expr
        $(, session $session:expr)? $(, identifier $identifier:expr)?;
    )*) => {
        $(impl Audited for $Event {
            fn action(&self) -> Option<&'static str> {
                Some($action)
            }

            fn user_id(&self, output: Option<&dyn Any>) -> Option<UserId> {
                let ($event, $output) = (self, output_of::<Self>(output));
                let _ = ($event, $output);
                $who
            }

            $(fn session_id(&self, output: Option<&dyn Any>) -> Option<SessionId> {
                let ($event, $output) = (self, output_of::<Self>(output));
                let _ = ($event, $output);
                $session
            })?

            $(fn identifier(&self) -> Option<&str> {
                let $event = self;
                Some($identifier)
            })?
        })*
    };
}

fn output_of<E: Event>(output: Option<&dyn Any>) -> Option<&E::Output> {
    output?.downcast_ref()
}

audited! {
    RegisterUserSaga as "register", saga, output => output.and_then(registered),
        identifier saga.request.email.as_str();
    ActivateUserSaga as "activate", saga, output => output.map(|user: &User| user.id);
    ResendActivationSaga as "resend_activation", saga, output => None, identifier saga.email.key();
    LogInSaga as "log_in", saga, output => output.map(|opened: &OpenedSession| opened.user.id),
        session output.map(|opened: &OpenedSession| opened.session.id),
        identifier saga.identifier.as_str();
    LogOutSaga as "log_out", saga, output => None, session Some(saga.session_id);
    ReauthenticateSaga as "reauthenticate", saga, output => Some(saga.current.user.id),
        session Some(saga.current.session.id);
    ForgotPasswordSaga as "forgot_password", saga, output => None, identifier saga.email.key();
    ResetPasswordSaga as "reset_password", saga, output => output.map(|user: &User| user.id);
    ChangePasswordSaga as "change_password", saga, output => Some(saga.current.user.id),
        session Some(saga.current.session.id);
    UpdateAccountSaga as "update_account", saga, output => Some(saga.user_id);
    RequestEmailChangeSaga as "request_email_change", saga, output => Some(saga.current.user.id);
    ConfirmEmailChangeSaga as "confirm_email_change", saga, output =>
        output.map(|confirmation: &EmailConfirmation| confirmation.user_id);
    CancelEmailChangeSaga as "cancel_email_change", saga, output => output.copied();
    RevokeSessionSaga as "revoke_session", saga, output => Some(saga.user_id),
        session Some(saga.session_id);
    RevokeOtherSessionsSaga as "revoke_other_sessions", saga, output => Some(saga.current.user.id);
    RemoveAccountSaga as "remove_account", saga, output => Some(saga.current.user.id);
    ExportAccountSaga as "export_account", saga, output => Some(saga.current.user.id);
}

fn registered(response: &RegistrationResponse) -> Option<UserId> {
    match response {
        RegistrationResponse::Created(user) => Some(user.id),
        RegistrationResponse::Pending => None,
    }
}

/// Who changes somebody's roles is who is signed in, if anybody is.
macro_rules! audited_about_roles {
    ($($Saga:ident as $action:literal;)*) => {
        $(impl Audited for $Saga {
            fn action(&self) -> Option<&'static str> {
                Some($action)
            }

            fn about(&self) -> Option<UserId> {
                Some(self.user_id)
            }

            fn role(&self) -> Option<&Role> {
                Some(&self.role)
            }
        })*
    };
}

audited_about_roles! {
    GrantRoleSaga as "grant_role";
    RevokeRoleSaga as "revoke_role";
}

macro_rules! not_audited {
    ($($Saga:ident)*) => {
        $(impl Audited for $Saga {
            fn action(&self) -> Option<&'static str> {
                None
            }
        })*
    };
}

// They only show what the account's owner may see, or do what a worker does all day.
not_audited!(GetAccountSaga ListSessionsSaga DeliverMailSaga PurgeSaga);

/// # Rule
///
/// ASVS 5.0 item 16.3.2: attempts that authorisation refuses are written down.
impl Audited for CheckRole {
    fn action(&self) -> Option<&'static str> {
        Some("check_role")
    }

    fn user_id(&self, _output: Option<&dyn Any>) -> Option<UserId> {
        Some(self.current.user.id)
    }

    fn session_id(&self, _output: Option<&dyn Any>) -> Option<SessionId> {
        Some(self.current.session.id)
    }

    fn role(&self) -> Option<&Role> {
        Some(&self.role)
    }
}

/// # Rule
///
/// ASVS 5.0 item 16.3.3: attempts to get around a control against forged requests are written down.
impl Audited for CheckForgery {
    fn action(&self) -> Option<&'static str> {
        Some("check_forgery")
    }

    fn user_id(&self, _output: Option<&dyn Any>) -> Option<UserId> {
        self.current.as_ref().map(|current| current.user.id)
    }

    fn session_id(&self, _output: Option<&dyn Any>) -> Option<SessionId> {
        self.current.as_ref().map(|current| current.session.id)
    }
}
