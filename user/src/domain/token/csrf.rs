//! The token that proves a request to come from the session's own page.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use crate::domain::Token;

/// Keeps this use of the key apart from any other; a changed form of the token gets another version.
const CONTEXT: &[u8] = b"dullahan csrf v1";

impl Token {
    /// The token against cross-site request forgery that belongs to the session of this token.
    ///
    /// It needs no place in a store, and dies with the session. Whoever sees it learns nothing of the session
    /// token.
    ///
    /// # Rule
    ///
    /// OWASP Cross-Site Request Forgery Prevention Cheat Sheet: the token is bound to the session by an HMAC
    /// and checked in constant time. The key is the session token itself, which no other party has.
    pub fn csrf_token(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.csrf_mac().finalize().into_bytes())
    }

    /// Whether a request presented the [`csrf_token`](Self::csrf_token) of this session.
    pub fn verifies_csrf(&self, presented: &str) -> bool {
        self.csrf_token().as_bytes().ct_eq(presented.as_bytes()).into()
    }

    fn csrf_mac(&self) -> Hmac<Sha256> {
        let mac = Hmac::<Sha256>::new_from_slice(self.0.as_slice())
            .expect("HMAC takes a key of any length");
        mac.chain_update(CONTEXT)
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::Token;

    #[test]
    fn csrf_02_a_token_verifies_for_its_own_session_only() {
        let session = Token::from_bytes([1; 32]);
        let csrf = session.csrf_token();
        assert!(session.verifies_csrf(&csrf));
        assert_eq!(session.csrf_token(), csrf);
        assert!(!Token::from_bytes([2; 32]).verifies_csrf(&csrf));
    }

    #[test]
    fn csrf_02_one_changed_byte_does_not_verify() {
        let session = Token::from_bytes([1; 32]);
        let csrf = session.csrf_token();
        for i in 0..csrf.len() {
            let mut bytes = csrf.clone().into_bytes();
            bytes[i] = if bytes[i] == b'A' { b'B' } else { b'A' };
            assert!(!session.verifies_csrf(&String::from_utf8(bytes).unwrap()));
        }
        for presented in
            ["", " ", &csrf[1..], &format!("{csrf}="), &format!("{csrf} "), &csrf.to_uppercase()]
        {
            assert!(!session.verifies_csrf(presented));
        }
    }

    #[test]
    fn the_token_is_the_hmac_and_shows_nothing_of_the_session() {
        let session = Token::from_bytes([1; 32]);
        assert_eq!(session.csrf_token(), "ldOxkaNbqwNH5q3LC6_1t8lWkQwDMvPlOQae-8GRELU");
        assert_ne!(session.csrf_token(), *session.expose());
    }
}
