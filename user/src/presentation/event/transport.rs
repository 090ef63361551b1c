//! The events of the module: plain data, one for each step of each flow.

mod activate_user_saga;
mod create_user_process;
mod deliver_mail_saga;
mod get_account_saga;
mod get_user;
mod hash_password;
mod load_credentials;
mod log_in_saga;
mod log_out_saga;
mod notify_taken_address_process;
mod open_session_process;
mod owe_mail;
mod register_user_saga;
mod replace_password_hash_process;
mod resolve_session;
mod serialize_user;
mod validate_registration_process;
mod verify_password;

pub use self::{
    activate_user_saga::{ActivateUserProcess, ActivateUserSaga},
    create_user_process::CreateUserProcess,
    deliver_mail_saga::{
        ClaimMailProcess, ComposeMail, DeliverMailSaga, MintTokenProcess, SendMail,
        SettleMailProcess,
    },
    get_account_saga::GetAccountSaga,
    get_user::GetUser,
    hash_password::HashPassword,
    load_credentials::LoadCredentials,
    log_in_saga::LogInSaga,
    log_out_saga::{CloseSessionProcess, LogOutSaga},
    notify_taken_address_process::NotifyTakenAddressProcess,
    open_session_process::OpenSessionProcess,
    owe_mail::OweMail,
    register_user_saga::RegisterUserSaga,
    replace_password_hash_process::ReplacePasswordHashProcess,
    resolve_session::{ResolveSession, TouchSessionProcess},
    serialize_user::SerializeUser,
    validate_registration_process::ValidateRegistrationProcess,
    verify_password::VerifyPassword,
};
