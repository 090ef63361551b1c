//! What the module asks of the outside, and what it offers to it: small traits, each held as `Arc<dyn Port>`.

mod application;
mod domain;
mod infrastructure;

pub use self::{
    application::{UserPersistManager, UserRetrievalManager, UserSessionManager},
    domain::{
        Clock, HashingError, PasswordHasher, TokenGenerationError, TokenGenerator, Verification,
    },
    infrastructure::{
        Insertion, MailQueue, Mailer, SessionRepository, TokenRepository, UserRepository,
    },
};
