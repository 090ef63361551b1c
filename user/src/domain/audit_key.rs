//! The names of accounts in the audit, where a request gave an address.

use std::{fmt, str::FromStr, sync::Arc};

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::domain::EmailAddress;

/// Keeps this use of the key apart from any other; a changed form of the digest gets another version.
const CONTEXT: &[u8] = b"dullahan audit v1\0";

/// The secret key of the digests by which the audit names an account where a request gave an address.
///
/// The digest is the same whether or not an account has the address. In some entries it is the only name of the account: for
/// an address that no account has, and for a login that a limit refused before the password was checked.
///
/// The holder of the key can tell whether an entry is about an address. Without it a digest says nothing, not even about a
/// password that was typed into the wrong field. Its `Debug` is constant. Clones share its memory, which is wiped.
///
/// ```
/// use dullahan_user::domain::{AuditKey, Settings};
///
/// // As `openssl rand -base64 32` makes it; from the environment.
/// let key: AuditKey = "gxWRfMWTqhnlP2UOyMc8vbHEUHgpjhEZTBSgeLcEP6I=".parse()?;
/// // What the entries about this address have as `account`.
/// let account = key.digest("Ada@Example.org");
/// assert_eq!(account, key.digest("ada@example.org"));
///
/// let settings = Settings { audit_key: Some(key), ..Settings::default() };
/// # Ok::<(), dullahan_user::domain::InvalidAuditKey>(())
/// ```
#[derive(Clone)]
pub struct AuditKey(Arc<Zeroizing<[u8; Self::BYTES]>>);

impl AuditKey {
    /// How many random bytes a key has.
    pub const BYTES: usize = 32;

    /// The key of these bytes, which have to come from a cryptographically secure generator.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(Arc::new(Zeroizing::new(bytes)))
    }

    /// What the audit has in the place of an identifier: an address as it is compared, or whatever else was typed.
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length")]
    pub fn digest(&self, identifier: &str) -> AccountDigest {
        let email = EmailAddress::for_lookup(identifier);
        let text = email.as_ref().map_or(identifier, EmailAddress::key);
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice())
            .expect("HMAC takes a key of any length");
        let mac = mac.chain_update(CONTEXT).chain_update(text).finalize().into_bytes();
        let mut digest = [0; AccountDigest::BYTES];
        digest.copy_from_slice(&mac[..AccountDigest::BYTES]);
        AccountDigest(digest)
    }
}

impl FromStr for AuditKey {
    type Err = InvalidAuditKey;

    /// Reads the 44 characters of base64 that `openssl rand -base64 32` writes.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        match STANDARD.decode_slice(text.trim(), bytes.as_mut()) {
            Ok(Self::BYTES) => Ok(Self(Arc::new(bytes))),
            _ => Err(InvalidAuditKey),
        }
    }
}

impl fmt::Debug for AuditKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("AuditKey(…)")
    }
}

/// The text is not a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a key is 32 random bytes in base64, as `openssl rand -base64 32` writes them")]
pub struct InvalidAuditKey;

/// The name of an account in the audit, which says nothing to anybody without the [`AuditKey`].
///
/// It prints as 32 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AccountDigest([u8; Self::BYTES]);

impl AccountDigest {
    /// How many bytes it has.
    pub const BYTES: usize = 16;
}

impl fmt::Display for AccountDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for AccountDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountDigest({self})")
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{AuditKey, InvalidAuditKey};

    const TEXT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";

    #[test]
    fn user_14_a_digest_names_an_account_to_whoever_has_the_key() {
        let key: AuditKey = TEXT.parse().unwrap();
        let digest = key.digest("Ada@Example.org");
        assert_eq!(digest, key.digest(" ada@example.ORG "));
        assert_eq!(
            digest,
            AuditKey::from_bytes(std::array::from_fn(|i| i as u8)).digest("ada@example.org")
        );
        assert_ne!(digest, key.digest("bob@example.org"));
        assert_ne!(digest, AuditKey::from_bytes([1; 32]).digest("ada@example.org"));
        assert_ne!(key.digest("correct horse"), key.digest("correct horse "));
        let shown = digest.to_string();
        assert!(shown.len() == 32 && shown.bytes().all(|byte| byte.is_ascii_hexdigit()), "{shown}");
    }

    #[test]
    fn user_14_only_32_bytes_of_base64_are_a_key() {
        assert!(format!("{TEXT}\n").parse::<AuditKey>().is_ok());
        for text in ["", "secret", &TEXT[..43], &format!("{TEXT}{TEXT}"), &TEXT.replace('A', "-")] {
            assert_eq!(text.parse::<AuditKey>().unwrap_err(), InvalidAuditKey, "{text}");
        }
        assert_eq!(format!("{:?}", TEXT.parse::<AuditKey>()), "Ok(AuditKey(…))");
    }
}
