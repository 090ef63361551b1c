//! Which tokens have led to a session lately.

use std::{
    collections::HashSet,
    sync::{PoisonError, RwLock},
};

use crate::domain::TokenDigest;

/// How many digests a generation holds; there are two.
const MOST: usize = 1 << 14;

/// The digests of tokens that have led to a session lately, in memory: the latest ones, a megabyte
/// or so at most.
#[derive(Default)]
pub(super) struct RecentTokens(RwLock<Generations>);

#[derive(Default)]
struct Generations {
    young: HashSet<[u8; 32]>,
    old: HashSet<[u8; 32]>,
}

impl RecentTokens {
    /// Whether the token has led to a session lately.
    pub(super) fn holds(&self, digest: &TokenDigest) -> bool {
        let generations = self.0.read().unwrap_or_else(PoisonError::into_inner);
        generations.young.contains(digest.as_bytes()) || generations.old.contains(digest.as_bytes())
    }

    /// Notes that the token leads to a session. Mostly that is known, and nothing is written.
    pub(super) fn note(&self, digest: &TokenDigest) {
        let generations = self.0.read().unwrap_or_else(PoisonError::into_inner);
        if generations.young.contains(digest.as_bytes()) {
            return;
        }
        drop(generations);
        let mut generations = self.0.write().unwrap_or_else(PoisonError::into_inner);
        if generations.young.len() >= MOST {
            generations.old = std::mem::take(&mut generations.young);
        }
        generations.young.insert(*digest.as_bytes());
    }

    /// Forgets a token that leads to no session any more.
    pub(super) fn forget(&self, digest: &TokenDigest) {
        if self.holds(digest) {
            let mut generations = self.0.write().unwrap_or_else(PoisonError::into_inner);
            generations.young.remove(digest.as_bytes());
            generations.old.remove(digest.as_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, RecentTokens};
    use crate::domain::TokenDigest;

    fn digest(number: usize) -> TokenDigest {
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&number.to_be_bytes());
        TokenDigest::from_bytes(bytes)
    }

    #[test]
    fn user_09_tokens_are_known_until_many_others_were_used() {
        let recent = RecentTokens::default();
        for number in 0..=2 * MOST {
            recent.note(&digest(number));
            // In use, so it stays.
            recent.note(&digest(0));
        }
        assert!(recent.holds(&digest(0)) && recent.holds(&digest(2 * MOST)));
        assert!(!recent.holds(&digest(1)), "it has not been used for long");
        recent.forget(&digest(0));
        assert!(!recent.holds(&digest(0)));
        let generations = recent.0.read().unwrap();
        assert!(generations.young.len() <= MOST && generations.old.len() <= MOST);
    }
}
