//! A password hasher on Argon2id, with threads of its own.

mod failure;
mod memory;
mod pool;
mod settings;
mod stored_hash;

use std::{fmt, time::Duration};

use argon2::Params;
use dullahan_core::BoxFuture;
use zeroize::Zeroizing;

pub use self::settings::{Argon2Settings, Argon2SetupError};
use self::{
    failure::Failure,
    pool::{Pool, Refused},
    stored_hash::{Limits, StoredHash},
};
use crate::{
    domain::{PasswordHash, PlainPassword},
    port::{HashingError, PasswordHasher, Verification},
};

/// How long a caller is told to wait if too many wait already: the queue moves on within that time.
const RETRY_AFTER: Duration = Duration::from_secs(1);

/// A password hasher on Argon2id, with threads of its own.
///
/// It needs no async runtime and blocks none: a call goes into a queue of bounded length, from which a fixed
/// number of threads take it, each with memory that it keeps for the next one. A full queue answers
/// [`Busy`](HashingError::Busy) at once. What waits for a caller that went away meanwhile is skipped. The
/// threads end when the hasher is dropped.
///
/// A check honours the parameters in the stored hash, which may be others than today's; that is answered
/// with [`MatchNeedsRehash`](Verification::MatchNeedsRehash). It also reads Argon2i, Argon2d and version
/// 1.0, so that hashes from elsewhere can be brought along. Parameters beyond all reason are refused, lest a
/// row in the database take the machine down.
///
/// # Rule
///
/// - OWASP Password Storage Cheat Sheet: Argon2id with at least 19 MiB and 2 iterations; see
///   [`Argon2Settings`].
/// - RFC 9106 section 4: 128 bits of salt, here from the operating system's generator, and 256 of output.
/// - ASVS 5.0 items 15.1.3 and 15.2.2: no more hashes at once than the settings say, nor more memory, save
///   while a costlier hash from elsewhere is checked.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use dullahan_user::{
///     infrastructure::{Argon2Hasher, Argon2Settings},
///     port::PasswordHasher,
/// };
///
/// let hasher: Arc<dyn PasswordHasher> = Arc::new(Argon2Hasher::new(Argon2Settings::default().with_threads(2))?);
/// # Ok::<(), dullahan_user::infrastructure::Argon2SetupError>(())
/// ```
pub struct Argon2Hasher {
    settings: Argon2Settings,
    params: Params,
    limits: Limits,
    /// What a password is checked against where there is no hash.
    nobody: StoredHash,
    pool: Pool,
}

impl Argon2Hasher {
    /// A hasher with these settings; its threads are started, its memory is taken as they need it.
    ///
    /// # Errors
    ///
    /// [`Argon2SetupError`] with everything that is too weak or does not fit together in the settings, or if a thread cannot
    /// start.
    pub fn new(settings: Argon2Settings) -> Result<Self, Argon2SetupError> {
        let params = settings.check()?;
        let nobody = StoredHash::of_nobody(params.clone())
            .map_err(|failure| Argon2SetupError::Random(failure.into()))?;
        let pool = Pool::start(
            settings.threads(),
            settings.waiting(),
            params.block_count(),
            settings.has_idle_priority(),
        )
        .map_err(Argon2SetupError::Thread)?;
        Ok(Self { limits: Limits::including(&params), settings, params, nobody, pool })
    }
}

impl PasswordHasher for Argon2Hasher {
    fn hash<'a>(
        &'a self,
        password: &'a PlainPassword,
    ) -> BoxFuture<'a, Result<PasswordHash, HashingError>> {
        Box::pin(async move {
            let params = self.params.clone();
            let password = copied(password);
            flat(
                self.pool
                    .run(move |memory| StoredHash::derive(params, &password, memory)?.to_phc())
                    .await,
            )
        })
    }

    fn verify<'a>(
        &'a self,
        password: &'a PlainPassword,
        hash: Option<&'a PasswordHash>,
    ) -> BoxFuture<'a, Result<Verification, HashingError>> {
        Box::pin(async move {
            let stored = match hash {
                Some(hash) => StoredHash::parse(hash, &self.limits)
                    .map_err(|failure| HashingError::Unreadable(failure.into()))?,
                None => self.nobody.clone(),
            };
            let needs_rehash = !stored.is_like(&self.params);
            let password = copied(password);
            let is_match =
                flat(self.pool.run(move |memory| stored.is_of(&password, memory)).await)?;
            Ok(match (is_match && hash.is_some(), needs_rehash) {
                (false, _) => Verification::Mismatch,
                (true, false) => Verification::Match,
                (true, true) => Verification::MatchNeedsRehash,
            })
        })
    }
}

impl fmt::Debug for Argon2Hasher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Argon2Hasher")
            .field("settings", &self.settings)
            .finish_non_exhaustive()
    }
}

/// The password's bytes for a thread to keep, wiped when it has done with them.
fn copied(password: &PlainPassword) -> Zeroizing<Vec<u8>> {
    Zeroizing::new(password.expose().as_bytes().to_vec())
}

fn flat<T>(result: Result<Result<T, Failure>, Refused>) -> Result<T, HashingError> {
    match result {
        Ok(result) => result.map_err(failed),
        Err(Refused::Full) => Err(HashingError::Busy { retry_after: RETRY_AFTER }),
        Err(Refused::Panicked) => Err(failed(Failure::Panicked)),
    }
}

fn failed(failure: Failure) -> HashingError {
    HashingError::Failed(failure.into())
}

#[cfg(test)]
mod tests;
