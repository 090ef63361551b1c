//! What the module asks of the outside, and what it offers to it: small traits, each held as `Arc<dyn Port>`.

mod application;
mod domain;
mod infrastructure;

pub use self::{
    application::{
        UserAddressManager, UserPasswordManager, UserPersistManager, UserRetrievalManager,
        UserRoleManager, UserSessionManager,
    },
    domain::{
        Clock, HashingError, PasswordHasher, PasswordStrength, TokenGenerationError,
        TokenGenerator, Verification,
    },
    infrastructure::{
        AddressChange, AddressThrottle, AttemptRepository, BreachedPasswords,
        EmailChangeRepository, Insertion, MailQueue, MailRefused, Mailer, RoleChange,
        SessionRepository, TokenRepository, UserRepository,
    },
};
