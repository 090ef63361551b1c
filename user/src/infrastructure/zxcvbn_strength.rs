//! Judges passwords with zxcvbn, which knows what is common and what lies side by side on a keyboard.

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;
use zxcvbn::{Entropy, Match, Score, feedback::Warning, matching::patterns::MatchPattern};

use crate::{
    domain::{PasswordWeakness, PlainPassword},
    port::PasswordStrength,
};

/// How many characters are looked at: what makes a password weak shows early, and the work grows with the square.
const LOOKED_AT: usize = 32;

/// How many characters are looked at, whatever they are.
const LEAST_LOOKED_AT: usize = 12;

/// How many readings all characters that are looked at may have; of more readings fewer are looked at.
const READINGS: usize = 16;

/// The signs that zxcvbn takes for a letter.
const SIGNS_OF_LETTERS: [&str; 12] =
    ["4@", "8", "({[<", "3", "69", "1!|", "1|7", "0", "$5", "+7", "%", "2"];

/// How many letters a password has to have beside words that can be expected of its user.
const LEAST_OF_ONES_OWN: usize = 6;

/// Judges passwords with zxcvbn, which knows what is common and what lies side by side on a keyboard.
///
/// The list of common passwords, some thirty thousand, is compiled in; nothing is asked over a network. A password
/// is refused that takes less than 10⁸ guesses (a score below 3).
///
/// It takes less than a millisecond for an ordinary password. Of a longer one the first 32 characters are looked at,
/// and fewer, but at least 12, where many signs may each stand for several letters: zxcvbn tries all ways to read them,
/// and 64 characters could keep a processor busy for half a second.
///
/// # Rule
///
/// NIST SP 800-63B-4 section 3.1.1.2 and ASVS 5.0 items 6.2.4 and 6.2.11.
#[derive(Debug, Clone, Copy, Default)]
pub struct ZxcvbnStrength;

impl PasswordStrength for ZxcvbnStrength {
    fn judge(&self, password: &PlainPassword, personal: &[String]) -> Option<PasswordWeakness> {
        let looked_at = looked_at(password.expose());
        let words = words(personal);
        let expected: Vec<&str> = words.iter().map(String::as_str).collect();
        let entropy = zxcvbn::zxcvbn(&looked_at, &expected);
        let bare = without_tail(&looked_at);
        let is_same = bare.len() == looked_at.len() && !is_by_words(&entropy, &words);
        if is_common(&entropy) || (!is_same && is_common(&zxcvbn::zxcvbn(bare, &[]))) {
            return Some(PasswordWeakness::Compromised);
        }
        if entropy.score() < Score::Three || is_little_else(&looked_at, &words) {
            return Some(PasswordWeakness::Guessable);
        }
        None
    }
}

/// The beginning of a password, so long that looking at it stays cheap.
fn looked_at(password: &str) -> Zeroizing<String> {
    let mut characters = LOOKED_AT;
    loop {
        let text = Zeroizing::new(password.chars().take(characters).collect::<String>());
        let is_cheap =
            readings(&text) * characters * characters <= READINGS * LOOKED_AT * LOOKED_AT;
        if is_cheap || characters <= LEAST_LOOKED_AT {
            return text;
        }
        characters -= 1;
    }
}

/// In how many ways the signs of a text can be read as letters, each letter by one of its signs.
fn readings(text: &str) -> usize {
    let there = |signs: &&str| signs.chars().filter(|sign| text.contains(*sign)).count().max(1);
    SIGNS_OF_LETTERS.iter().map(there).product()
}

/// Whether words that can be expected, or repetitions, have a part in what a text was found to be made of.
fn is_by_words(entropy: &Entropy, words: &[String]) -> bool {
    entropy.sequence().iter().any(|found| match &found.pattern {
        MatchPattern::Dictionary(dictionary) => words.contains(&dictionary.matched_word),
        MatchPattern::Repeat(_) => true,
        _ => false,
    })
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
    use super::{LEAST_LOOKED_AT, LOOKED_AT, looked_at, readings};
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
            "P4$$w0rd",
        ] {
            assert_eq!(judge(password, &[]), Some(PasswordWeakness::Compromised), "{password}");
            // That the user's own words say so too changes nothing.
            let weakness = judge(password, &[password, "iloveyou"]);
            assert_eq!(weakness, Some(PasswordWeakness::Compromised), "{password}");
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
    fn an_ordinary_password_is_looked_at_whole() {
        for password in [
            "correct horse battery staple",
            "Tr0ub4dor&3-xk1!",
            "1234567890!@#$%^&*()",
            "x$7!k@2m+9(q{5",
            "0123456789012345678901234567890",
        ] {
            assert_eq!(looked_at(password).as_str(), password);
        }
        assert_eq!(looked_at(&"ferret lamp ".repeat(9)).len(), LOOKED_AT);
    }

    #[test]
    fn pwd_09_signs_that_stand_for_many_letters_cannot_make_the_work_grow() {
        let signs = "4@8({[<369&#!1/|$5+7%2";
        assert!(readings(signs) > 500, "{}", readings(signs));
        for password in
            [signs.repeat(3), format!("correct horse {signs}"), "({[<1!|7$5+4@69".repeat(5)]
        {
            let looked_at = looked_at(&password);
            let length = looked_at.chars().count();
            assert!(length >= LEAST_LOOKED_AT && password.starts_with(looked_at.as_str()));
            assert!(length == LEAST_LOOKED_AT || readings(&looked_at) * length * length <= 16_384);
            assert_eq!(judge(&password, &[]), None, "{password}");
        }
    }

    #[test]
    fn the_longest_password_is_judged_in_no_time_and_none_panics() {
        for text in ["x".repeat(4096), "🔑".repeat(1000), "\0".repeat(300), String::new()] {
            let _ = judge(&text, &["", "\0", "🔑"]);
        }
    }
}
