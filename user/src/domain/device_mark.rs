//! By what a browser is known that has signed in before.

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

use crate::domain::{InvalidToken, PasswordHash, Token, UserId};

/// Keeps this use of the key apart from any other; a changed form of the mark gets another version.
const CONTEXT: &[u8] = b"dullahan known device v1";

/// By what a browser is known that has signed in to an account before: a random token, and an HMAC over it and the account.
///
/// It signs nobody in. A login that presents it has a [limit](crate::domain::Limits::password_on_known_device) of its own,
/// so a stranger who tries passwords does not keep the owner out.
///
/// # Rule
///
/// OWASP, Slow Down Online Guessing Attacks with Device Cookies. The key of the HMAC is the hash of the account's password,
/// which never leaves the service; so the mark needs no place in a store and no secret in the settings, and is void once the
/// password is another one. Its salt of 128 bits or more keeps whoever has a mark from trying passwords on it.
pub struct DeviceMark {
    token: Token,
    mac: [u8; 32],
}

impl DeviceMark {
    /// A mark for an account, of a fresh token.
    pub fn new(token: Token, user_id: UserId, password_hash: &PasswordHash) -> Self {
        let mac = mac(&token, user_id, password_hash).finalize().into_bytes().into();
        Self { token, mac }
    }

    /// Whether it is a mark of this account, and of the password that it has now.
    pub fn is_of(&self, user_id: UserId, password_hash: &PasswordHash) -> bool {
        let expected = mac(&self.token, user_id, password_hash).finalize().into_bytes();
        expected.ct_eq(&self.mac).into()
    }

    /// What the browser is given.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new([&self.token.expose(), ".", &URL_SAFE_NO_PAD.encode(self.mac)].concat())
    }

    /// What identifies the device.
    pub(crate) fn digest(&self) -> [u8; 32] {
        Sha256::digest(self.token.digest().as_bytes()).into()
    }
}

fn mac(token: &Token, user_id: UserId, password_hash: &PasswordHash) -> Hmac<Sha256> {
    let mac = Hmac::<Sha256>::new_from_slice(password_hash.as_phc().as_bytes())
        .expect("HMAC takes a key of any length");
    mac.chain_update(CONTEXT)
        .chain_update(user_id.as_uuid().as_bytes())
        .chain_update(token.digest().as_bytes())
}

impl FromStr for DeviceMark {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (token, mac) = text.split_once('.').ok_or(InvalidToken)?;
        let token = token.parse()?;
        let mut bytes = [0; 32];
        match URL_SAFE_NO_PAD.decode_slice(mac, &mut bytes) {
            Ok(32) => Ok(Self { token, mac: bytes }),
            _ => Err(InvalidToken),
        }
    }
}

impl fmt::Debug for DeviceMark {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DeviceMark(…)")
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::{AttemptKey, DeviceMark, PasswordHash, Token, UserId};

    fn hash(text: &str) -> PasswordHash {
        PasswordHash::from_phc(format!("$argon2id${text}")).unwrap()
    }

    #[test]
    fn user_04_a_mark_is_of_one_account_and_one_password() {
        let (alice, bob) = (UserId::new(), UserId::new());
        let mark = DeviceMark::new(Token::from_bytes([1; 32]), alice, &hash("a"));
        let read: DeviceMark = mark.expose().parse().unwrap();
        assert!(read.is_of(alice, &hash("a")));
        assert!(!read.is_of(bob, &hash("a")) && !read.is_of(alice, &hash("b")));
    }

    #[test]
    fn user_04_a_mark_that_was_changed_is_nobodys() {
        let alice = UserId::new();
        let text = DeviceMark::new(Token::from_bytes([1; 32]), alice, &hash("a")).expose();
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let read = String::from_utf8(bytes).unwrap().parse::<DeviceMark>();
            assert!(read.is_err() || !read.unwrap().is_of(alice, &hash("a")), "{at}");
        }
        for text in ["", ".", "a.b", &text[1..], &text[..86], &format!("{}=", *text)] {
            assert!(text.parse::<DeviceMark>().is_err(), "{text}");
        }
    }

    #[test]
    fn user_04_each_device_counts_by_itself() {
        let alice = UserId::new();
        let mark = |byte| DeviceMark::new(Token::from_bytes([byte; 32]), alice, &hash("a"));
        assert_eq!(AttemptKey::of_device(&mark(1)), AttemptKey::of_device(&mark(1)));
        assert_ne!(AttemptKey::of_device(&mark(1)), AttemptKey::of_device(&mark(2)));
        assert_eq!(format!("{:?}", mark(1)), "DeviceMark(…)");
    }
}
