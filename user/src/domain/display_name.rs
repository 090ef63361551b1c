//! The name that a user wants to be shown by.

use std::{fmt, str::FromStr};

use icu_properties::{
    CodePointSetData,
    props::{DefaultIgnorableCodePoint, VariationSelector},
};
use unicode_normalization::UnicodeNormalization;

/// The name that a user wants to be shown by: any script, in Normalization Form C, without outer blanks.
///
/// Whoever shows it escapes it for where it goes; `<script>` is a fine name. It is personal data, so its
/// `Debug` is constant.
///
/// # Rule
///
/// Unicode Technical Report #36, section 2: characters that reorder the text around them, or that cannot be
/// seen, make one name look like another or like a part of the page. Those are the code points with the property
/// `Default_Ignorable_Code_Point` (UAX #44). The joiners and variation selectors that Persian, the scripts of India, Han
/// names and emoji need stay allowed, inside of a name that shows something.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DisplayName(String);

impl DisplayName {
    /// The most code points that a name has.
    pub const MAX_CODE_POINTS: usize = 100;

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for DisplayName {
    type Err = InvalidDisplayName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let text = text.trim_matches(|c| is_blank(c) || is_joiner(c));
        let too_long = InvalidDisplayName::TooLong { max: Self::MAX_CODE_POINTS };
        // No character composes of so many that a text of this size could come to fit.
        if text.len() > 64 * Self::MAX_CODE_POINTS {
            return Err(too_long);
        }
        let name: String = text.nfc().collect();
        if name.chars().all(shows_nothing) {
            return Err(InvalidDisplayName::Empty);
        }
        if name.chars().count() > Self::MAX_CODE_POINTS {
            return Err(too_long);
        }
        if name.chars().any(is_forbidden) {
            return Err(InvalidDisplayName::ForbiddenCharacter);
        }
        Ok(Self(name))
    }
}

impl fmt::Debug for DisplayName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DisplayName(…)")
    }
}

/// Why a text is not a display name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidDisplayName {
    /// Nothing in it can be seen.
    #[error("the name is empty")]
    Empty,
    /// There are more code points than allowed.
    #[error("the name is longer than {max} characters")]
    TooLong {
        /// The most code points that a name has.
        max: usize,
    },
    /// There is a control character, or one that reorders text or cannot be seen.
    #[error("the name has a character that is not allowed")]
    ForbiddenCharacter,
}

/// The zero-width joiner and non-joiner: part of a word, but no word by themselves.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// White space, and the Braille pattern without a dot, which looks the same.
fn is_blank(c: char) -> bool {
    c.is_whitespace() || c == '\u{2800}'
}

fn is_ignorable(c: char) -> bool {
    CodePointSetData::new::<DefaultIgnorableCodePoint>().contains(c)
}

/// What chooses between forms of the character before it.
fn is_variation_selector(c: char) -> bool {
    CodePointSetData::new::<VariationSelector>().contains(c)
}

fn shows_nothing(c: char) -> bool {
    is_blank(c) || is_ignorable(c)
}

/// Control characters, line and paragraph separators, and the format characters that reorder or hide text.
fn is_forbidden(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{2028}' | '\u{2029}'         // separators of lines and paragraphs
                | '\u{202a}'..='\u{202e}'   // directional embeddings and overrides
                | '\u{2066}'..='\u{2069}'   // directional isolates
                | '\u{fff9}'..='\u{fffb}'   // interlinear annotation
        )
        || (is_ignorable(c) && !is_joiner(c) && !is_variation_selector(c))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use crate::domain::{DisplayName, InvalidDisplayName};

    fn parse(text: &str) -> Result<DisplayName, InvalidDisplayName> {
        text.parse()
    }

    #[test]
    fn names_of_any_script_are_taken() {
        for text in
            ["Alice", "Zoë O'Brien-Smith", "李小龍", "می‌خواهم", "👩‍🚀", "x", "<script>", "X Æ A-12"]
        {
            assert_eq!(parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn outer_blanks_are_trimmed_and_spellings_composed() {
        assert_eq!(parse(" \u{a0}Zoe\u{308} \n").unwrap(), parse("Zo\u{eb}").unwrap());
    }

    #[test]
    fn an_empty_name_is_refused() {
        for text in ["", "  ", "\r\n", "\u{3000}", "\u{200d}", " \u{200c} "] {
            assert_eq!(parse(text), Err(InvalidDisplayName::Empty));
        }
    }

    #[test]
    fn user_15_a_name_that_shows_nothing_is_refused() {
        for c in "\u{3164}\u{2800}\u{115f}\u{1160}\u{ffa0}\u{34f}\u{fe0f}\u{e0100}\u{e0041}\u{180b}\u{17b4}\u{2060}".chars() {
            for text in [format!("{c}"), format!("{c} {c}"), format!(" {c}\u{200d}{c}\u{2800} {c}")] {
                assert_eq!(parse(&text), Err(InvalidDisplayName::Empty), "{}", c.escape_unicode());
            }
        }
        for c in "\u{3164}\u{115f}\u{ffa0}\u{34f}\u{e0041}\u{2060}\u{ad}".chars() {
            let refused = parse(&format!("Ali{c}ce"));
            assert_eq!(
                refused,
                Err(InvalidDisplayName::ForbiddenCharacter),
                "{}",
                c.escape_unicode()
            );
        }
        for text in ["\u{2764}\u{fe0f}", "\u{8fbb}\u{e0101}", "ᠮᠣᠩᠭᠣᠯ\u{180b}", "⠠⠁⠇⠊⠉⠑"]
        {
            assert_eq!(parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn the_length_is_counted_in_code_points_after_composing() {
        assert!(parse(&"李".repeat(100)).is_ok());
        assert!(parse(&"e\u{308}".repeat(100)).is_ok());
        for text in ["李".repeat(101), "a".repeat(101), "a".repeat(1_000_000)] {
            assert_eq!(parse(&text), Err(InvalidDisplayName::TooLong { max: 100 }));
        }
    }

    #[test]
    fn characters_that_control_reorder_or_hide_are_refused() {
        for c in "\0\t\r\n\u{1b}\u{7f}\u{85}\u{200b}\u{200f}\u{202a}\u{202e}\u{2028}\u{2066}\u{2069}\u{feff}".chars() {
            let text = format!("Ali{c}ce");
            assert_eq!(parse(&text), Err(InvalidDisplayName::ForbiddenCharacter), "{}", c.escape_unicode());
        }
    }

    #[test]
    fn debug_does_not_show_the_name() {
        assert_eq!(format!("{:?}", parse("Alice").unwrap()), "DisplayName(…)");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_a_name_parses_to_itself(text in any::<String>()) {
            if let Ok(name) = parse(&text) {
                prop_assert_eq!(parse(name.as_str()), Ok(name));
            }
        }
    }
}
