//! Judges passwords with zxcvbn, which knows what is common and what lies side by side on a keyboard.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;
use zxcvbn::{Entropy, Match, Score, feedback::Warning, matching::patterns::MatchPattern};

use crate::{
    domain::{PasswordWeakness, PlainPassword},
    port::PasswordStrength,
};

/// How many characters are looked at: what makes a password weak shows early, and the work grows with the square.
const LOOKED_AT: usize = 64;

/// How many letters a password has to have beside words that can be expected of its user.
const LEAST_OF_ONES_OWN: usize = 6;

/// Judges passwords with zxcvbn, which knows what is common and what lies side by side on a keyboard.
///
/// The list of common passwords, some thirty thousand, is compiled in; nothing is asked over a network. A password
/// is refused that takes less than 10⁸ guesses (a score below 3).
///
/// # Rule
///
/// NIST SP 800-63B-4 section 3.1.1.2 and ASVS 5.0 items 6.2.4 and 6.2.11.
#[derive(Debug, Clone, Copy, Default)]
pub struct ZxcvbnStrength;

impl PasswordStrength for ZxcvbnStrength {
    fn judge(&self, password: &PlainPassword, personal: &[String]) -> Option<PasswordWeakness> {
        let looked_at = password.expose().chars().take(LOOKED_AT).collect::<String>();
        let looked_at = Zeroizing::new(looked_at);
        let words = words(personal);
        let expected: Vec<&str> = words.iter().map(String::as_str).collect();
        let entropy = zxcvbn::zxcvbn(&looked_at, &expected);
        if is_common(&entropy) || is_common(&zxcvbn::zxcvbn(without_tail(&looked_at), &[])) {
            return Some(PasswordWeakness::Compromised);
        }
        if entropy.score() < Score::Three || is_little_else(&looked_at, &words) {
            return Some(PasswordWeakness::Guessable);
        }
        None
    }
}

/// Whether the whole is among the most common passwords, or one of those over and over.
fn is_common(entropy: &Entropy) -> bool {
    match entropy.sequence() {
        [Match { pattern: MatchPattern::Repeat(repeat), .. }] => {
            is_common(&zxcvbn::zxcvbn(&repeat.base_token, &[]))
        }
        _ => matches!(
            entropy.feedback().and_then(|feedback| feedback.warning()),
            Some(
                Warning::ThisIsATop10Password
                    | Warning::ThisIsATop100Password
                    | Warning::ThisIsACommonPassword
                    | Warning::ThisIsSimilarToACommonlyUsedPassword
            )
        ),
    }
}

/// The text without the digits and signs at its end, which are what people add when they have to.
fn without_tail(text: &str) -> &str {
    text.trim_end_matches(|c: char| !c.is_alphabetic())
}

/// Whether hardly anything is left of a text once the words are taken out that can be expected.
fn is_little_else(text: &str, words: &[String]) -> bool {
    let mut rest = Zeroizing::new(text.to_lowercase());
    let before = rest.len();
    for word in words {
        rest = Zeroizing::new(rest.replace(word.as_str(), ""));
    }
    let left = rest.chars().filter(|c| c.is_alphabetic()).count();
    rest.len() < before && left < LEAST_OF_ONES_OWN
}

/// Each text whole, and each word of it that is long enough to mean something; the longest first.
fn words(personal: &[String]) -> Vec<String> {
    let mut words = Vec::new();
    for text in personal {
        let text = text.nfc().collect::<String>().to_lowercase();
        let parts = text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned);
        words.extend(parts.chain([text.clone()]).filter(|word| word.chars().count() > 2));
    }
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
}

#[cfg(test)]
mod tests {
    use crate::{domain::PasswordWeakness, infrastructure::ZxcvbnStrength, port::PasswordStrength};

    fn judge(password: &str, personal: &[&str]) -> Option<PasswordWeakness> {
        let personal: Vec<_> = personal.iter().map(|&text| text.to_owned()).collect();
        ZxcvbnStrength.judge(&password.parse().unwrap(), &personal)
    }

    #[test]
    fn pwd_03_a_phrase_of_one_class_of_characters_is_strong() {
        assert_eq!(judge("correct horse battery staple", &[]), None);
        assert_eq!(judge("ferret lamp umbrella cheese", &[]), None);
        // A word of one's own beside enough else does no harm.
        assert_eq!(judge("alice eats nine umbrellas", &["alice"]), None);
    }

    #[test]
    fn pwd_06_a_common_password_is_compromised() {
        for password in [
            "password",
            "qwertyuiop",
            "iloveyou",
            "password1",
            "passwordpassword",
            "iloveyouiloveyou1!",
            "Password12345678",
        ] {
            assert_eq!(judge(password, &[]), Some(PasswordWeakness::Compromised), "{password}");
        }
    }

    #[test]
    fn pwd_07_what_can_be_expected_is_guessable() {
        let personal = ["margarethe.hollerith", "cellar.example", "Margarethe Hollerith", "Cellar"];
        for password in [
            "margarethehollerith",
            "margarethe.hollerith7",
            "hollerith.margarethe",
            "Cellar Cellar Cellar",
            "aaaaaaaaaaaaaaaaaaaa",
            "abcdefghijklmnopqrst",
            "cellar-2026-11-22-cellar",
        ] {
            assert!(judge(password, &personal).is_some(), "{password}");
        }
    }

    #[test]
    fn the_longest_password_is_judged_in_no_time_and_none_panics() {
        for text in ["x".repeat(4096), "🔑".repeat(1000), "\0".repeat(300), String::new()] {
            let _ = judge(&text, &["", "\0", "🔑"]);
        }
    }
}
