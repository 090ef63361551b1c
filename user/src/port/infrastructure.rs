//! What the module asks of stores, of the mail, and of whoever knows breached passwords.
//!
//! Every method of a store takes the [`Context`](dullahan_core::Context) first: it leads to the unit of work of the
//! process it runs in. Reads outside of a process go straight to the store; writes there are refused.

mod address_throttle;
mod attempt_repository;
mod breached_passwords;
mod email_change_repository;
mod mail_queue;
mod mailer;
mod session_repository;
mod token_repository;
mod user_repository;

pub use self::{
    address_throttle::AddressThrottle,
    attempt_repository::AttemptRepository,
    breached_passwords::BreachedPasswords,
    email_change_repository::EmailChangeRepository,
    mail_queue::MailQueue,
    mailer::{MailRefused, Mailer},
    session_repository::SessionRepository,
    token_repository::TokenRepository,
    user_repository::{AddressChange, Insertion, RoleChange, UserRepository},
};
