//! The events of the module: plain data, one for each step of each flow.

mod activate_user_saga;
mod change_email_saga;
mod change_password_saga;
mod check_forgery;
mod check_password;
mod check_role;
mod create_user_process;
mod deliver_mail_saga;
mod drop_pending_users;
mod get_account_saga;
mod get_user;
mod hash_password;
mod limit_attempts;
mod load_credentials;
mod load_pending_credentials;
mod log_in_saga;
mod log_out_saga;
mod open_session_process;
mod owe_mail;
mod purge_saga;
mod reauthenticate_saga;
mod record_audit;
mod register_user_saga;
mod remove_account_saga;
mod replace_password_hash_process;
mod request_mail_saga;
mod reset_password_saga;
mod resolve_session;
mod role_sagas;
mod serialize_user;
mod sessions_saga;
mod update_account_saga;
mod validate_registration_process;
mod verify_password;

pub use self::{
    activate_user_saga::{ActivateUserProcess, ActivateUserSaga, Activation},
    change_email_saga::{
        CancelEmailChangeProcess, CancelEmailChangeSaga, ChangeEmail, ConfirmEmailChangeProcess,
        ConfirmEmailChangeSaga, RequestEmailChangeProcess, RequestEmailChangeSaga,
    },
    change_password_saga::{ChangePasswordProcess, ChangePasswordSaga},
    check_forgery::CheckForgery,
    check_password::CheckPassword,
    check_role::CheckRole,
    create_user_process::CreateUserProcess,
    deliver_mail_saga::{
        AdmitMailProcess, ClaimMailProcess, ComposeMail, DeliverMailSaga, MintTokenProcess,
        SendMail, SettleMailProcess,
    },
    drop_pending_users::{DropPendingUsers, DropSurplusPendingUsers},
    get_account_saga::GetAccountSaga,
    get_user::GetUser,
    hash_password::HashPassword,
    limit_attempts::{
        CountAttemptProcess, CountClientFailure, ForgetAttemptsProcess, GiveBackAttemptProcess,
        ThrottleClient,
    },
    load_credentials::LoadCredentials,
    load_pending_credentials::LoadPendingCredentials,
    log_in_saga::LogInSaga,
    log_out_saga::{CloseSessionProcess, LogOutSaga},
    open_session_process::OpenSessionProcess,
    owe_mail::OweMail,
    purge_saga::{PurgeProcess, PurgeSaga},
    reauthenticate_saga::{
        LoadOwnCredentials, ProveOwnPassword, ReauthenticateSaga, RenewSessionProcess,
        RequireRecentAuthentication,
    },
    record_audit::RecordAudit,
    register_user_saga::RegisterUserSaga,
    remove_account_saga::{
        CloseAccountProcess, ExportAccount, ExportAccountSaga, RemoveAccountSaga,
        RemoveClosedUserProcess, RemoveUserProcess, ReopenAccountProcess,
    },
    replace_password_hash_process::ReplacePasswordHashProcess,
    request_mail_saga::{
        AnswerMailRequestProcess, ForgotPasswordSaga, RequestMailProcess, ResendActivationSaga,
    },
    reset_password_saga::{FindToken, ResetPasswordProcess, ResetPasswordSaga},
    resolve_session::{ResolveSession, TouchSessionProcess},
    role_sagas::{GrantRoleProcess, GrantRoleSaga, RevokeRoleProcess, RevokeRoleSaga},
    serialize_user::SerializeUser,
    sessions_saga::{
        ListSessions, ListSessionsSaga, RevokeOtherSessionsSaga, RevokeSessionProcess,
        RevokeSessionSaga, RevokeSessionsProcess, SerializeSession,
    },
    update_account_saga::{UpdateAccountSaga, UpdateUserProcess, ValidateAccountChanges},
    validate_registration_process::ValidateRegistrationProcess,
    verify_password::VerifyPassword,
};
