//! What lists of breached passwords know a password by.

use std::fmt;

use sha1::{Digest, Sha1};
use subtle::ConstantTimeEq;
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::domain::PlainPassword;

/// What lists of breached passwords know a password by: its SHA-1, as 40 hexadecimal digits in capitals.
///
/// Whoever has all of them can find a weak password by guessing, so they are as secret as the password: they
/// cannot be copied, compared or shown, and are wiped. Only [`prefix`](Self::prefix) may leave the process.
///
/// # Rule
///
/// - ASVS 5.0 item 6.2.12: a password is compared with those that were breached.
/// - The lists are made with SHA-1, so this is. Nothing is protected by it here.
///
/// ```
/// use dullahan_user::domain::PasswordFingerprint;
///
/// let fingerprint = PasswordFingerprint::of(&"password".parse()?);
/// assert_eq!(fingerprint.prefix(), "5BAA6");
/// assert!(fingerprint.has_suffix("1e4c9b93f3f0682250b6cf8331b7ee68fd8"));
/// # Ok::<(), dullahan_user::domain::OversizedPassword>(())
/// ```
pub struct PasswordFingerprint(Zeroizing<String>);

impl PasswordFingerprint {
    /// How many digits a service is told.
    const PREFIX: usize = 5;

    /// The fingerprint of a password.
    pub fn of(password: &PlainPassword) -> Self {
        const DIGITS: [char; 16] =
            ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
        let digest: Zeroizing<[u8; 20]> =
            Zeroizing::new(Sha1::digest(password.expose().as_bytes()).into());
        // Long enough from the start, so that it never moves in memory and leaves no copy behind.
        let mut text = Zeroizing::new(String::with_capacity(2 * digest.len()));
        for byte in *digest {
            text.push(DIGITS[usize::from(byte >> 4)]);
            text.push(DIGITS[usize::from(byte & 0xf)]);
        }
        Self(text)
    }

    /// The first five digits, which a service may be told: it cannot tell which of all the passwords with the same
    /// ones it is.
    pub fn prefix(&self) -> &str {
        &self.0[..Self::PREFIX]
    }

    /// Whether these are the other digits, in capitals or not.
    pub fn has_suffix(&self, suffix: &str) -> bool {
        let suffix = Zeroizing::new(suffix.to_ascii_uppercase());
        self.0.as_bytes()[Self::PREFIX..].ct_eq(suffix.as_bytes()).into()
    }

    /// All of them, for a list on this machine.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl ZeroizeOnDrop for PasswordFingerprint {}

impl fmt::Debug for PasswordFingerprint {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordFingerprint(…)")
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::PasswordFingerprint;

    fn of(password: &str) -> PasswordFingerprint {
        PasswordFingerprint::of(&password.parse().unwrap())
    }

    /// FIPS 180-4, and the password that is breached most.
    #[test]
    fn it_is_the_sha_1_of_the_password() {
        for (password, expected) in [
            ("abc", "A9993E364706816ABA3E25717850C26C9CD0D89D"),
            ("123456", "7C4A8D09CA3762AF61E59520943DC26494F8941B"),
            ("", "DA39A3EE5E6B4B0D3255BFEF95601890AFD80709"),
            ("pa\u{308}sse", of("p\u{e4}sse").expose()),
        ] {
            assert_eq!(of(password).expose(), expected);
        }
    }

    #[test]
    fn it_has_one_prefix_and_one_suffix() {
        let abc = of("abc");
        assert_eq!(abc.prefix(), "A9993");
        assert!(abc.has_suffix("E364706816ABA3E25717850C26C9CD0D89D"));
        assert!(abc.has_suffix("e364706816aba3e25717850c26c9cd0d89d"));
        for other in ["", "E", "F364706816ABA3E25717850C26C9CD0D89D", abc.expose()] {
            assert!(!abc.has_suffix(other), "{other}");
        }
    }

    #[test]
    fn nothing_is_shown() {
        assert_eq!(format!("{:?}", of("abc")), "PasswordFingerprint(…)");
    }
}
