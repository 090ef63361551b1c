//! A password in clear and a password's hash.

use std::{fmt, str::FromStr};

use unicode_normalization::UnicodeNormalization;
use zeroize::{ZeroizeOnDrop, Zeroizing};

/// A password in clear, on its way from a request to a hasher.
///
/// It cannot be copied, compared, shown or serialised, its `Debug` is constant, and its memory is wiped when
/// it is dropped. Blanks stay where they are, at the ends too. Whether it is good enough to be chosen is the
/// question of a [`PasswordPolicy`](crate::domain::PasswordPolicy); at login it is not asked.
///
/// # Rule
///
/// - NIST SP 800-63B-4 section 3.1.1.2: Unicode is accepted, brought into Normalization Form C before it is
///   hashed, and never truncated.
/// - RFC 8265 section 4.2.2, the PRECIS profile OpaqueString: blanks of other scripts count as the ASCII one, case and
///   width stay as they are. Unlike the profile it takes control characters and the empty text: a client may send
///   what it likes, and a policy decides.
/// - OWASP Password Storage Cheat Sheet: nothing of unbounded length is hashed, hence
///   [`MAX_BYTES`](Self::MAX_BYTES).
pub struct PlainPassword(Zeroizing<String>);

impl PlainPassword {
    /// The most bytes that a password has, whatever a policy says.
    pub const MAX_BYTES: usize = 4096;

    /// The password itself, for the hasher and for the checks of a policy.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// How long the password is.
    ///
    /// # Rule
    ///
    /// NIST SP 800-63B-4 section 3.1.1.2: each Unicode code point counts as one character.
    pub fn code_points(&self) -> usize {
        self.0.chars().count()
    }
}

impl TryFrom<String> for PlainPassword {
    type Error = OversizedPassword;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = Zeroizing::new(text);
        if text.len() > Self::MAX_BYTES {
            return Err(OversizedPassword);
        }
        if unicode_normalization::is_nfc(&text) && !text.chars().any(is_other_blank) {
            return Ok(Self(text));
        }
        // Form C is at most three times as long (UAX #15, section 11), so the text never moves in memory and
        // leaves no copy behind.
        let mut composed = Zeroizing::new(String::with_capacity(3 * text.len()));
        composed.extend(text.nfc().map(|c| if is_other_blank(c) { ' ' } else { c }));
        if composed.len() > Self::MAX_BYTES { Err(OversizedPassword) } else { Ok(Self(composed)) }
    }
}

/// A blank (of general category Zs) that is not the ASCII one.
fn is_other_blank(c: char) -> bool {
    matches!(
        c,
        '\u{a0}' | '\u{1680}' | '\u{2000}'..='\u{200a}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
    )
}

impl FromStr for PlainPassword {
    type Err = OversizedPassword;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > Self::MAX_BYTES {
            Err(OversizedPassword)
        } else {
            Self::try_from(text.to_owned())
        }
    }
}

impl ZeroizeOnDrop for PlainPassword {}

impl fmt::Debug for PlainPassword {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PlainPassword(…)")
    }
}

/// The text is longer than any password may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the password is longer than {} bytes", PlainPassword::MAX_BYTES)]
pub struct OversizedPassword;

/// What a store keeps of a password: a `PHC` string, which names its algorithm, parameters and salt.
///
/// No password can be had from it but by guessing, which is why it stays inside: its `Debug` is constant, and
/// it is compared by nothing but a hasher.
///
/// # Rule
///
/// The `PHC` string format: `$<algorithm>$` and what the algorithm needs, in printable ASCII. Only this form
/// is checked; the rest is up to the hasher that wrote it, so another hasher than ours may keep strings of
/// its own.
#[derive(Clone)]
pub struct PasswordHash(String);

impl PasswordHash {
    /// The most bytes that a hash has.
    pub const MAX_BYTES: usize = 512;

    /// The hash that a hasher has made or a store has kept.
    ///
    /// # Errors
    ///
    /// [`InvalidPasswordHash`] if the text does not have the form of a `PHC` string.
    pub fn from_phc(phc: String) -> Result<Self, InvalidPasswordHash> {
        let has_form = phc.len() <= Self::MAX_BYTES
            && phc.bytes().all(|byte| byte.is_ascii_graphic())
            && phc.strip_prefix('$').and_then(|rest| rest.split_once('$')).is_some_and(
                |(algorithm, rest)| {
                    !algorithm.is_empty()
                        && !rest.is_empty()
                        && algorithm.bytes().all(is_algorithm_byte)
                },
            );
        if has_form { Ok(Self(phc)) } else { Err(InvalidPasswordHash) }
    }

    /// The `PHC` string, for a store and for the hasher.
    pub fn as_phc(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for PasswordHash {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("PasswordHash(…)")
    }
}

/// The text does not have the form of a `PHC` string.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a PHC string")]
pub struct InvalidPasswordHash;

fn is_algorithm_byte(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, prop_assert_eq, proptest};

    use crate::domain::{InvalidPasswordHash, OversizedPassword, PasswordHash, PlainPassword};

    fn password(text: &str) -> PlainPassword {
        text.parse().unwrap()
    }

    #[test]
    fn blanks_case_and_length_stay_as_they_are() {
        for text in ["", " ", " two  blanks ", "Correct Horse", "tab\tnul\0", &"x".repeat(4096)] {
            assert_eq!(password(text).expose(), text);
        }
    }

    #[test]
    fn composed_and_decomposed_spelling_are_one_password() {
        assert_eq!(password("zoe\u{308} \u{212b}").expose(), password("zo\u{eb} \u{c5}").expose());
        assert_eq!(password("zoe\u{308}").code_points(), 3);
        // Form C keeps what only looks alike apart.
        assert_ne!(password("ﬁ").expose(), password("fi").expose());
    }

    #[test]
    fn a_blank_is_a_blank_in_every_script() {
        for blank in ['\u{a0}', '\u{1680}', '\u{2003}', '\u{202f}', '\u{205f}', '\u{3000}'] {
            assert_eq!(password(&format!("two{blank}words")).expose(), "two words");
        }
        assert_eq!(password("e\u{301}\u{3000}x").expose(), "\u{e9} x");
        // Joiners and tabs are none.
        for text in ["two\u{200b}words", "two\twords", "two\u{feff}words"] {
            assert_eq!(password(text).expose(), text);
        }
    }

    #[test]
    fn length_is_counted_in_code_points() {
        assert_eq!(password("pässwörd").code_points(), 8);
        assert_eq!(password("🔑🔑🔑").code_points(), 3);
    }

    #[test]
    fn nothing_unbounded_becomes_a_password() {
        assert!("x".repeat(4096).parse::<PlainPassword>().is_ok());
        assert_eq!("x".repeat(4097).parse::<PlainPassword>().unwrap_err(), OversizedPassword);
        assert_eq!(PlainPassword::try_from("x".repeat(4097)).unwrap_err(), OversizedPassword);
        // U+1D160 has 4 bytes and 12 in form C: within the bound before, beyond it after.
        assert_eq!(
            PlainPassword::try_from("\u{1d160}".repeat(1024)).unwrap_err(),
            OversizedPassword
        );
    }

    #[test]
    fn a_phc_string_is_a_hash_and_other_text_is_not() {
        let phc = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdHNhbHRzYWx0c2FsdA$aGFzaA";
        assert_eq!(PasswordHash::from_phc(phc.to_owned()).unwrap().as_phc(), phc);
        for text in [
            "",
            "$",
            "$$",
            "$argon2id",
            "$argon2id$",
            "argon2id$x",
            "$Argon2$x",
            "$a$ x",
            "$a$\n",
            "$a$é",
            "hunter2",
        ] {
            assert_eq!(
                PasswordHash::from_phc(text.to_owned()).unwrap_err(),
                InvalidPasswordHash,
                "{text}"
            );
        }
        assert!(PasswordHash::from_phc(format!("$a${}", "x".repeat(509))).is_ok());
        assert!(PasswordHash::from_phc(format!("$a${}", "x".repeat(510))).is_err());
    }

    proptest! {
        #[test]
        fn a_password_parses_to_itself(text in any::<String>()) {
            let once = password(&text);
            let twice = password(once.expose());
            prop_assert_eq!(once.expose(), twice.expose());
            prop_assert!(once.code_points() <= once.expose().len());
        }
    }
}
