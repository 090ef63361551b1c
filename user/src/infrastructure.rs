//! The adapters that come with the module, and need neither a framework nor a database.

mod address_limiter;
mod argon2_hasher;
#[cfg(feature = "testing")]
mod memory_stores;
mod random_audit_key;
mod random_tokens;
mod system_clock;
mod zxcvbn_strength;

#[cfg(feature = "testing")]
pub use self::memory_stores::MemoryStores;
pub(crate) use self::random_audit_key::random_audit_key;
pub use self::{
    address_limiter::AddressLimiter,
    argon2_hasher::{Argon2Hasher, Argon2Settings, Argon2SetupError},
    random_tokens::RandomTokens,
    system_clock::SystemClock,
    zxcvbn_strength::ZxcvbnStrength,
};
