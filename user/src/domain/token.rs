//! The secret that stands for a session or allows one thing once.

mod csrf;

use std::{fmt, str::FromStr};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use zeroize::{ZeroizeOnDrop, Zeroizing};

use crate::domain::TokenDigest;

/// The secret that stands for a session or allows one thing once.
///
/// A client is shown it once, as 43 characters of base64url; a store keeps only its [`digest`](Self::digest).
/// It cannot be copied or compared, its `Debug` is constant, and its memory is wiped when it is dropped.
///
/// # Rule
///
/// - ASVS 5.0 item 7.2.3: a reference token is unique and has at least 128 bits of a secure generator. It has
///   256.
/// - RFC 4648 section 5: base64url, here without padding. Only the one canonical spelling is taken, so no two
///   texts are the same token.
pub struct Token(Zeroizing<[u8; Self::BYTES]>);

impl Token {
    /// How many random bytes a token has.
    pub const BYTES: usize = 32;

    /// The token of these bytes, which have to come from a cryptographically secure generator.
    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// What the client is given; to be sent and then forgotten.
    pub fn expose(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(*self.0))
    }

    /// What a store keeps in the token's place.
    pub fn digest(&self) -> TokenDigest {
        TokenDigest::from_bytes(Sha256::digest(*self.0).into())
    }
}

impl FromStr for Token {
    type Err = InvalidToken;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut bytes = Zeroizing::new([0; Self::BYTES]);
        match URL_SAFE_NO_PAD.decode_slice(text, bytes.as_mut()) {
            Ok(Self::BYTES) => Ok(Self(bytes)),
            _ => Err(InvalidToken),
        }
    }
}

impl ZeroizeOnDrop for Token {}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(…)")
    }
}

/// The text does not have the form of a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid token")]
pub struct InvalidToken;

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use crate::domain::{InvalidToken, Token};

    const TEXT: &str = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";

    fn token() -> Token {
        Token::from_bytes(std::array::from_fn(|i| i as u8))
    }

    #[test]
    fn a_token_is_shown_as_43_characters_and_parses_back() {
        assert_eq!(*token().expose(), TEXT);
        assert_eq!(TEXT.len(), 43);
        assert_eq!(TEXT.parse::<Token>().unwrap().digest(), token().digest());
        assert_eq!(*Token::from_bytes([0xff; 32]).expose(), format!("{}8", "_".repeat(42)));
    }

    #[test]
    fn the_digest_is_the_sha_256_of_the_bytes() {
        // As `sha256sum` says of the bytes 0 to 31.
        assert_eq!(
            token().digest().as_bytes()[..8],
            [0x63, 0x0d, 0xcd, 0x29, 0x66, 0xc4, 0x33, 0x66],
        );
    }

    #[test]
    fn only_the_canonical_spelling_is_a_token() {
        let almost = [
            String::new(),
            TEXT[..42].to_owned(),
            format!("{TEXT}A"),
            format!("{TEXT}="),
            format!(" {TEXT}"),
            format!("{TEXT}\n"),
            TEXT.replace('8', "9"),
            TEXT.replacen('A', "+", 1),
            TEXT.replacen('A', "/", 1),
            TEXT.replacen('A', "é", 1),
            "A".repeat(100_000),
        ];
        for text in almost {
            assert_eq!(text.parse::<Token>().unwrap_err(), InvalidToken);
        }
    }

    proptest! {
        #[test]
        fn every_token_parses_back(bytes in any::<[u8; 32]>()) {
            let token = Token::from_bytes(bytes);
            prop_assert_eq!(token.expose().parse::<Token>().unwrap().digest(), token.digest());
        }

        #[test]
        fn parsing_never_panics(text in any::<String>()) {
            let _ = text.parse::<Token>();
        }
    }
}
