//! The adapters that come with the module, and need neither a framework nor a database.

mod argon2_hasher;
mod random_tokens;
mod system_clock;

pub use self::{
    argon2_hasher::{Argon2Hasher, Argon2Settings, Argon2SetupError},
    random_tokens::RandomTokens,
    system_clock::SystemClock,
};
