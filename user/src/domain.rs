//! What the module is about: accounts, passwords, tokens, sessions and owed mail, and the rules they keep.

mod account_changes;
mod activation_password;
mod attempt_limit;
mod audit_entry;
mod audit_key;
mod audited;
mod credentials;
mod custom_mail;
mod device;
mod device_mark;
mod display_name;
mod email_address;
mod email_change;
mod email_change_id;
mod id;
mod invalid_settings;
mod limits;
mod locale;
mod lookup_failure;
mod mail;
mod mail_id;
mod moments;
mod new_user;
mod one_time_token;
mod opened_session;
mod password;
mod password_fingerprint;
mod password_policy;
mod password_weakness;
mod pending_user;
mod registering_user;
mod registration;
mod removal_policy;
mod request_id;
mod role;
mod roles;
#[cfg(test)]
mod secrets;
mod session;
mod session_id;
mod session_policy;
mod settings;
mod token;
mod token_digest;
mod unknown_name;
mod user;
mod user_id;
mod user_status;

pub use self::{
    account_changes::{AccountChanges, AccountRequest},
    activation_password::ActivationPassword,
    attempt_limit::{Attempt, AttemptKey, AttemptLimit, CountedAttempt},
    audit_entry::{AuditEntry, AuditOutcome},
    audit_key::{AccountDigest, AuditKey, InvalidAuditKey},
    audited::Audited,
    credentials::Credentials,
    custom_mail::CustomMail,
    device::Device,
    device_mark::DeviceMark,
    display_name::{DisplayName, InvalidDisplayName},
    email_address::{EmailAddress, InvalidEmailAddress},
    email_change::{EmailChange, EmailConfirmation, Mailbox},
    email_change_id::EmailChangeId,
    id::InvalidId,
    invalid_settings::{InvalidSettings, SettingsDefect},
    limits::{AddressLimits, ClientAction, Limits},
    locale::{InvalidLocale, Locale},
    lookup_failure::LookupFailure,
    mail::{
        MailKind, MailMessage, MailOutcome, MailRequest, MailRequestKind, NewMail, OwedMail,
        RegistrationOrigin,
    },
    mail_id::MailId,
    new_user::NewUser,
    one_time_token::{NewOneTimeToken, OneTimeGrant, TokenPurpose},
    opened_session::{CurrentSession, OpenedSession},
    password::{InvalidPasswordHash, OversizedPassword, PasswordHash, PlainPassword},
    password_fingerprint::PasswordFingerprint,
    password_policy::{PasswordPolicy, PasswordPolicyViolation},
    password_weakness::PasswordWeakness,
    pending_user::PendingUser,
    registering_user::RegisteringUser,
    registration::{RegistrationRequest, RegistrationResponse},
    removal_policy::RemovalPolicy,
    request_id::{InvalidRequestId, RequestId},
    role::{InvalidRole, Role},
    roles::Roles,
    session::{ListedSession, NewSession, Session, SessionTransport},
    session_id::SessionId,
    session_policy::SessionPolicy,
    settings::Settings,
    token::{InvalidToken, Token},
    token_digest::TokenDigest,
    unknown_name::UnknownName,
    user::User,
    user_id::UserId,
    user_status::UserStatus,
};
pub(crate) use self::{
    invalid_settings::Check,
    moments::{after, before},
};
