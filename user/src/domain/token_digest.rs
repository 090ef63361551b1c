//! What a store keeps of a token.

use std::fmt;

use subtle::ConstantTimeEq;

/// What a store keeps of a [`Token`](crate::domain::Token): its SHA-256.
///
/// It lets nobody in, so who reads the database has no session. Comparing two takes the same time wherever
/// they differ.
///
/// # Rule
///
/// ASVS 5.0 item 11.4.1: an approved hash. A slow one with a salt is for secrets that can be guessed; 256
/// random bits cannot.
#[derive(Clone, Copy)]
pub struct TokenDigest([u8; 32]);

impl TokenDigest {
    /// The digest that a store has kept.
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The form in which a store keeps it.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl PartialEq for TokenDigest {
    fn eq(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl Eq for TokenDigest {}

impl fmt::Debug for TokenDigest {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("TokenDigest(…)")
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::TokenDigest;

    #[test]
    fn digests_are_equal_if_all_their_bytes_are() {
        let bytes = [7; 32];
        assert_eq!(TokenDigest::from_bytes(bytes), TokenDigest::from_bytes(bytes));
        assert_eq!(TokenDigest::from_bytes(bytes).as_bytes(), &bytes);
        for i in 0..32 {
            let mut other = bytes;
            other[i] ^= 1;
            assert_ne!(TokenDigest::from_bytes(bytes), TokenDigest::from_bytes(other));
        }
    }
}
