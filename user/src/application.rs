//! The use cases: one functor for each default action, and the facade through which they are asked for.

mod fault;
pub mod functor;
mod user_manager_facade;

pub(crate) use self::fault::invalid_credentials;
pub use self::{
    fault::{EMAIL_TAKEN, INVALID_CREDENTIALS, TOKEN_INVALID},
    user_manager_facade::UserManagerFacade,
};
