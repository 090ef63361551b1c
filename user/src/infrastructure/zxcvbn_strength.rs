//! Judges passwords with zxcvbn, which knows what is common and what lies side by side on a keyboard.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;
use zxcvbn::{Score, feedback::Warning};

use crate::{
    domain::{PasswordWeakness, PlainPassword},
    port::PasswordStrength,
};

/// How many characters are looked at: what makes a password weak shows early, and the work grows with the square.
const LOOKED_AT: usize = 64;

/// Judges passwords with zxcvbn, which knows what is common and what lies side by side on a keyboard.
///
/// A password is refused that takes less than 10⁸ guesses (a score below 3).
///
/// # Rule
///
/// NIST SP 800-63B-4 section 3.1.1.2 and ASVS 5.0 items 6.2.4 and 6.2.11.
#[derive(Debug, Clone, Copy, Default)]
pub struct ZxcvbnStrength;

impl PasswordStrength for ZxcvbnStrength {
    fn judge(&self, password: &PlainPassword, personal: &[String]) -> Option<PasswordWeakness> {
        let looked_at =
            Zeroizing::new(password.expose().chars().take(LOOKED_AT).collect::<String>());
        let personal = words(personal);
        let expected: Vec<&str> = personal.iter().map(String::as_str).collect();
        let entropy = zxcvbn::zxcvbn(&looked_at, &expected);
        if entropy.score() >= Score::Three {
            return None;
        }
        let warning = entropy.feedback().and_then(|feedback| feedback.warning());
        Some(match warning {
            Some(
                Warning::ThisIsATop10Password
                | Warning::ThisIsATop100Password
                | Warning::ThisIsACommonPassword
                | Warning::ThisIsSimilarToACommonlyUsedPassword,
            ) => PasswordWeakness::Compromised,
            _ => PasswordWeakness::Guessable,
        })
    }
}

/// Each text whole, and each word of it that is long enough to mean something.
fn words(personal: &[String]) -> Vec<String> {
    let mut words = Vec::new();
    for text in personal {
        let text: String = text.nfc().collect::<String>().to_lowercase();
        words.extend(
            text.split(|c: char| !c.is_alphanumeric())
                .filter(|word| word.chars().count() > 2)
                .map(str::to_owned),
        );
        words.push(text);
    }
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
    }

    #[test]
    fn pwd_06_a_common_password_is_compromised() {
        for password in ["password", "qwertyuiop", "iloveyou", "password1"] {
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
