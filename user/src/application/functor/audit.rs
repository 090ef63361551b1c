//! What was done is written down.

use dullahan_core::{Context, Event, Observe, Outcome, Perform, Result, Service};
use time::format_description::well_known::Rfc3339;

use crate::{
    domain::{
        AuditEntry, CurrentSession, EmailConfirmation, OpenedSession, RegistrationResponse, Role,
        User, UserId,
    },
    port::Clock,
    presentation::event::transport::{
        ActivateUserSaga, CancelEmailChangeSaga, ChangePasswordSaga, ConfirmEmailChangeSaga,
        ExportAccountSaga, ForgotPasswordSaga, GrantRoleSaga, LogInSaga, LogOutSaga,
        ReauthenticateSaga, RecordAudit, RegisterUserSaga, RemoveAccountSaga,
        RequestEmailChangeSaga, ResendActivationSaga, ResetPasswordSaga, RevokeOtherSessionsSaga,
        RevokeRoleSaga, RevokeSessionSaga, UpdateAccountSaga,
    },
};

/// A saga that leaves an entry in the audit, whatever comes of it.
pub trait Audited: Event {
    /// What it is called there.
    const ACTION: &'static str;

    /// Who is acting, as far as the saga or its output say.
    fn user_id(&self, output: Option<&Self::Output>) -> Option<UserId>;

    /// About whom it is, where that is not who acts.
    fn about(&self, _context: &Context) -> Option<UserId> {
        None
    }

    /// About which role it is, if it is about one.
    fn role(&self) -> Option<Role> {
        None
    }
}

/// Leaves an entry in the audit, whatever came of the saga.
///
/// # Errors
///
/// When it cannot be left; that is logged, and changes nothing.
pub async fn audit<E: Audited>(
    mut ev: Observe<'_, E>,
    clock: Service<'_, dyn Clock>,
) -> Result<()> {
    let (output, outcome) = match ev.outcome() {
        Outcome::Completed(output) | Outcome::Prevented { output, .. } => {
            (Some(output), "success".to_owned())
        }
        Outcome::Failed(error) => (None, error.code().to_owned()),
    };
    let signed_in = || ev.context().get::<CurrentSession>().map(|current| current.user.id);
    let entry = AuditEntry {
        at: clock.now(),
        action: E::ACTION,
        user_id: ev.user_id(output).or_else(signed_in),
        about: ev.about(ev.context()),
        role: ev.role(),
        address: ev.context().client_address(),
        outcome,
    };
    ev.dispatch(RecordAudit { entry }).await
}

/// Writes an entry of the audit to the log.
///
/// # Errors
///
/// When its time cannot be written.
pub fn write_audit(ev: Perform<'_, RecordAudit>) -> Result<()> {
    let entry = &ev.entry;
    let at = entry.at.format(&Rfc3339)?;
    let user_id = entry.user_id.map(tracing::field::display);
    let address = entry.address.map(tracing::field::display);
    let about = entry.about.map(tracing::field::display);
    let role = entry.role.as_ref().map(Role::as_str);
    let (action, outcome) = (entry.action, entry.outcome.as_str());
    tracing::info!(target: "dullahan::audit", at, action, user_id, about, role, address, outcome);
    Ok(())
}

macro_rules! audited {
    ($($Saga:ident as $action:literal, $saga:ident, $output:ident => $who:expr;)*) => {
        $(impl Audited for $Saga {
            const ACTION: &'static str = $action;

            fn user_id(&self, output: Option<&Self::Output>) -> Option<UserId> {
                let ($saga, $output) = (self, output);
                $who
            }
        })*
    };
}

audited! {
    RegisterUserSaga as "register", _saga, output => output.and_then(registered);
    ActivateUserSaga as "activate", _saga, output => output.map(|user: &User| user.id);
    ResendActivationSaga as "resend_activation", _saga, _output => None;
    LogOutSaga as "log_out", _saga, _output => None;
    ReauthenticateSaga as "reauthenticate", saga, _output => Some(saga.current.user.id);
    ForgotPasswordSaga as "forgot_password", _saga, _output => None;
    ResetPasswordSaga as "reset_password", _saga, output => output.map(|user: &User| user.id);
    ChangePasswordSaga as "change_password", saga, _output => Some(saga.current.user.id);
    UpdateAccountSaga as "update_account", saga, _output => Some(saga.user_id);
    RequestEmailChangeSaga as "request_email_change", saga, _output => Some(saga.current.user.id);
    ConfirmEmailChangeSaga as "confirm_email_change", _saga, output =>
        output.map(|confirmation: &EmailConfirmation| confirmation.user_id);
    CancelEmailChangeSaga as "cancel_email_change", _saga, output => output.copied();
    RevokeSessionSaga as "revoke_session", saga, _output => Some(saga.user_id);
    RevokeOtherSessionsSaga as "revoke_other_sessions", saga, _output => Some(saga.current.user.id);
    RemoveAccountSaga as "remove_account", saga, _output => Some(saga.current.user.id);
    ExportAccountSaga as "export_account", saga, _output => Some(saga.current.user.id);
}

/// The account whose password was tried, until it turns out to have been its user.
#[derive(Clone, Copy)]
pub(super) struct TriedAccount(pub(super) UserId);

impl Audited for LogInSaga {
    const ACTION: &'static str = "log_in";

    fn user_id(&self, output: Option<&OpenedSession>) -> Option<UserId> {
        output.map(|opened| opened.user.id)
    }

    /// # Rule
    ///
    /// ASVS 5.0 item 16.3.1: of tries that failed it is known as well whose account they were after.
    fn about(&self, context: &Context) -> Option<UserId> {
        context.get::<TriedAccount>().map(|TriedAccount(user_id)| user_id)
    }
}

/// Who changes somebody's roles is who is signed in, if anybody is.
macro_rules! audited_about_roles {
    ($($Saga:ident as $action:literal;)*) => {
        $(impl Audited for $Saga {
            const ACTION: &'static str = $action;

            fn user_id(&self, _output: Option<&bool>) -> Option<UserId> {
                None
            }

            fn about(&self, _context: &Context) -> Option<UserId> {
                Some(self.user_id)
            }

            fn role(&self) -> Option<Role> {
                Some(self.role.clone())
            }
        })*
    };
}

audited_about_roles! {
    GrantRoleSaga as "grant_role";
    RevokeRoleSaga as "revoke_role";
}

fn registered(response: &RegistrationResponse) -> Option<UserId> {
    match response {
        RegistrationResponse::Created(user) => Some(user.id),
        RegistrationResponse::Pending => None,
    }
}
