//! The default actions: functors whose fields are ports, each for one event.

/// Declares a functor: a struct whose fields are its ports, a constructor that takes them in the same order
/// (called once when the core is sealed), and a `Debug` that shows its name.
macro_rules! functor {
    (
        $(#[$about:meta])*
        pub struct $Functor:ident { $($port:ident: $Port:ty,)* }
    ) => {
        $(#[$about])*
        pub struct $Functor {
            $($port: $Port,)*
        }

        impl $Functor {
            /// The functor with its ports.
            pub fn new($($port: $Port),*) -> Self {
                Self { $($port),* }
            }
        }

        impl std::fmt::Debug for $Functor {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(stringify!($Functor))
            }
        }
    };
}

mod activate_user;
mod admit_mail;
mod audit;
mod authenticate;
mod change_email;
mod change_password;
mod change_roles;
mod check_forgery;
mod check_password;
mod check_role;
mod close_account;
mod compose_mail;
mod create_user;
mod deliver_mail;
mod known_device;
mod limit_attempts;
mod list_sessions;
mod look_up_breaches;
mod open_session;
mod owe_mail;
mod purge;
mod reauthenticate;
mod recent_tokens;
mod register_user;
mod remove_account;
mod request_mail;
mod reset_password;
mod resolve_session;
mod retrieve_user;
mod serialize_user;
mod take_extra;
mod update_account;
mod validate_registration;
mod void_resets;

pub use self::{
    activate_user::{
        ActivateUser, ActivateWithToken, DropSurplusPendingUsersInStore, FindPendingCredentials,
    },
    admit_mail::CountMail,
    audit::{audit, audit_refusal, write_audit},
    authenticate::{FindCredentials, HashWithHasher, LogIn, ReplacePasswordHash, VerifyWithHasher},
    change_email::{
        AskForEmailChange, CancelEmailChange, ChangeEmailInStore, ConfirmEmailChange,
        RequestEmailChange, cancel_email_change, confirm_email_change,
    },
    change_password::{ChangePassword, change_password},
    change_roles::{GrantRole, RevokeRole, grant_role, revoke_role},
    check_forgery::check_forgery,
    check_password::CheckPasswordByPolicy,
    check_role::check_role,
    close_account::{CloseAccount, RemoveClosedUser, ReopenAccount},
    compose_mail::ComposeMailText,
    create_user::{CreateUser, DropPendingUsersInStore, ask_for_activation_mail},
    deliver_mail::{ClaimMail, MintToken, SendWithMailer, SettleMail, deliver_mail},
    limit_attempts::{
        CountAttempt, CountFailureByAddress, ForgetAttempts, GiveBackAttempt, ThrottleByAddress,
    },
    list_sessions::{
        FindSessions, RevokeSession, RevokeSessions, list_sessions, revoke_other_sessions,
        revoke_session, serialize_session,
    },
    look_up_breaches::LookUpBreaches,
    open_session::{CloseSession, OpenSession, forget_attempts, log_out},
    owe_mail::PutIntoMailQueue,
    purge::{PurgeStores, purge},
    reauthenticate::{
        CompareAuthenticationTime, FindOwnCredentials, ProveByPassword, RenewSession,
        reauthenticate,
    },
    register_user::RegisterUser,
    remove_account::{GatherAccount, RemoveAccount, RemoveUser, export_account},
    request_mail::{AnswerMailRequest, RequestMail, forgot_password, resend_activation},
    reset_password::{FindTokenInStore, ResetPassword, reset_password},
    resolve_session::{FindSession, TouchSession, remember_current_session},
    retrieve_user::{FindUser, get_account},
    serialize_user::serialize_user,
    take_extra::TakeExtra,
    update_account::{UpdateUser, update_account, validate_account_changes},
    validate_registration::validate_registration,
};
pub(crate) use self::{known_device::MarkedDevice, limit_attempts::CountedTry};
