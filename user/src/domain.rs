//! What the module is about: accounts, passwords, tokens, sessions and owed mail, and the rules they keep.

mod credentials;
mod display_name;
mod email_address;
mod id;
mod mail;
mod mail_id;
mod new_user;
mod one_time_token;
mod opened_session;
mod password;
mod password_policy;
mod registering_user;
mod registration;
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
    credentials::Credentials,
    display_name::{DisplayName, InvalidDisplayName},
    email_address::{EmailAddress, InvalidEmailAddress},
    id::InvalidId,
    mail::{MailKind, MailMessage, OwedMail},
    mail_id::MailId,
    new_user::NewUser,
    one_time_token::TokenPurpose,
    opened_session::{CurrentSession, OpenedSession},
    password::{InvalidPasswordHash, OversizedPassword, PasswordHash, PlainPassword},
    password_policy::{PasswordPolicy, PasswordPolicyViolation},
    registering_user::RegisteringUser,
    registration::{RegistrationRequest, RegistrationResponse},
    session::{NewSession, Session, SessionTransport},
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
