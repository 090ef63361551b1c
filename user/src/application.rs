//! The use cases: one functor for each default action, and the facade through which they are asked for.

mod errors;
pub mod functor;
mod members;
mod user_manager_facade;

pub(crate) use self::errors::reauthentication_required;
pub use self::{
    errors::{
        EMAIL_TAKEN, EMAIL_UNAVAILABLE, INVALID_CREDENTIALS, REAUTHENTICATION_REQUIRED,
        ROLE_REQUIRED, ReauthenticationRequired, TOKEN_INVALID,
    },
    user_manager_facade::UserManagerFacade,
};
