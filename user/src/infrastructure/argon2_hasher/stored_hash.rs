//! A hash in parts: what was derived, and all that is needed to derive it again.

use argon2::{
    Algorithm, Argon2, Params, Version,
    password_hash::phc::{self, Output, ParamsString, Salt},
};
use subtle::ConstantTimeEq;

use super::{failure::Failure, memory::Memory};
use crate::domain::PasswordHash;

/// How many bytes are derived from a password: the 256 bits that RFC 9106 section 4 recommends.
pub(crate) const OUTPUT_BYTES: usize = 32;

/// How many bytes of salt a new hash has: the 128 bits that RFC 9106 section 4 recommends.
const SALT_BYTES: usize = 16;

/// A hash in parts: what was derived, and all that is needed to derive it again.
#[derive(Clone)]
pub(crate) struct StoredHash {
    algorithm: Algorithm,
    version: Version,
    params: Params,
    salt: Salt,
    output: Output,
}

impl StoredHash {
    /// Derives a hash from a password and a new salt.
    pub(crate) fn derive(
        params: Params,
        password: &[u8],
        memory: &mut Memory,
    ) -> Result<Self, Failure> {
        let mut hash = Self::of_nobody(params)?;
        hash.output = hash.repeat(password, memory)?;
        Ok(hash)
    }

    /// A hash like any other, but with random bytes in place of what a password would give.
    pub(crate) fn of_nobody(params: Params) -> Result<Self, Failure> {
        let malformed = |_| Failure::Malformed;
        Ok(Self {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params,
            salt: Salt::new(&random::<SALT_BYTES>()?).map_err(malformed)?,
            output: Output::new(&random::<OUTPUT_BYTES>()?).map_err(malformed)?,
        })
    }

    /// The parts of a hash that a store has kept, unless it asks for work beyond the limits.
    pub(crate) fn parse(hash: &PasswordHash, limits: &Limits) -> Result<Self, Failure> {
        let hash = phc::PasswordHash::new(hash.as_phc()).map_err(|_| Failure::Malformed)?;
        let algorithm =
            Algorithm::try_from(hash.algorithm.as_str()).map_err(|_| Failure::Foreign)?;
        // A string that names no version is of 1.0, as the reference implementation (`decode_string`) has it.
        let version = hash
            .version
            .map_or(Ok(Version::V0x10), Version::try_from)
            .map_err(|_| Failure::Foreign)?;
        let params = Params::try_from(&hash).map_err(|_| Failure::Malformed)?;
        if !limits.admit(&params) {
            return Err(Failure::Excessive);
        }
        let (Some(salt), Some(output)) = (hash.salt, hash.hash) else {
            return Err(Failure::Malformed);
        };
        Ok(Self { algorithm, version, params, salt, output })
    }

    /// The hash as a store keeps it.
    pub(crate) fn to_phc(&self) -> Result<PasswordHash, Failure> {
        let phc = phc::PasswordHash {
            algorithm: self.algorithm.ident(),
            version: Some(self.version.into()),
            params: ParamsString::try_from(&self.params)
                .map_err(|error| Failure::Unwritable(error.into()))?,
            salt: Some(self.salt),
            hash: Some(self.output),
        };
        PasswordHash::from_phc(phc.to_string()).map_err(|error| Failure::Unwritable(error.into()))
    }

    /// Whether it was derived from this password.
    pub(crate) fn is_of(&self, password: &[u8], memory: &mut Memory) -> Result<bool, Failure> {
        let output = self.repeat(password, memory)?;
        Ok(self.output.as_bytes().ct_eq(output.as_bytes()).into())
    }

    /// Whether a new hash with these parameters would be made the same way.
    pub(crate) fn is_like(&self, params: &Params) -> bool {
        self.algorithm == Algorithm::Argon2id
            && self.version == Version::V0x13
            && self.params == *params
            && self.salt.len() >= SALT_BYTES
    }

    fn repeat(&self, password: &[u8], memory: &mut Memory) -> Result<Output, Failure> {
        let blocks = memory.blocks(self.params.block_count()).map_err(Failure::Memory)?;
        let mut output = [0; Output::MAX_LENGTH];
        let output = &mut output[..self.output.len()];
        Argon2::new(self.algorithm, self.version, self.params.clone())
            .hash_password_into_with_memory(password, &self.salt, output, blocks)
            .map_err(Failure::Argon2)?;
        Output::new(output).map_err(|_| Failure::Malformed)
    }
}

/// The most work that a stored hash may ask for: 256 MiB, 16 iterations and 16 lanes, or what the settings say
/// if that is more.
#[derive(Debug)]
pub(crate) struct Limits {
    memory_kib: u32,
    iterations: u32,
    parallelism: u32,
}

impl Limits {
    /// The limits of a hasher with these parameters.
    pub(crate) fn including(params: &Params) -> Self {
        Self {
            memory_kib: params.m_cost().max(256 * 1024),
            iterations: params.t_cost().max(16),
            parallelism: params.p_cost().max(16),
        }
    }

    fn admit(&self, params: &Params) -> bool {
        params.m_cost() <= self.memory_kib
            && params.t_cost() <= self.iterations
            && params.p_cost() <= self.parallelism
    }
}

fn random<const N: usize>() -> Result<[u8; N], Failure> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(Failure::Random)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
