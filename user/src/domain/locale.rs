//! The language that a user is written to in.

use std::{fmt, str::FromStr};

/// The language that a user is written to in: a language tag such as `de` or `pt-BR`.
///
/// # Rule
///
/// RFC 5646 section 2.1, the form of it alone: subtags of one to eight letters or digits, the first of letters
/// only and at least two of them, at most 35 bytes in all (section 4.4.1). Tags are compared without regard to
/// case, so they are kept in the case that section 2.1.1 recommends.
///
/// ```
/// use dullahan_user::domain::Locale;
///
/// let locale: Locale = "PT-br".parse()?;
/// assert_eq!((locale.as_str(), locale.language()), ("pt-BR", "pt"));
/// # Ok::<(), dullahan_user::domain::InvalidLocale>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Locale(String);

impl Locale {
    /// The most bytes that a tag has.
    pub const MAX_BYTES: usize = 35;

    /// The whole tag.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The language alone, without a script or a region.
    pub fn language(&self) -> &str {
        self.0.split('-').next().unwrap_or_default()
    }

    /// The language that a client prefers, by the header `Accept-Language`; `None` if it names none.
    ///
    /// # Rule
    ///
    /// RFC 9110 section 12.5.4: the highest weight, and the first of equals.
    pub fn from_accept_language(header: &str) -> Option<Self> {
        let mut preferred: Option<(Self, f32)> = None;
        for range in header.split(',').take(32) {
            let (tag, weight) = match range.split_once(';') {
                Some((tag, parameter)) => (tag, parameter.trim().strip_prefix("q=")),
                None => (range, Some("1")),
            };
            let weight: f32 = weight.and_then(|weight| weight.parse().ok()).unwrap_or(0.0);
            let is_preferred = preferred.as_ref().is_none_or(|(_, best)| weight > *best);
            if weight > 0.0
                && is_preferred
                && let Ok(locale) = tag.trim().parse()
            {
                preferred = Some((locale, weight));
            }
        }
        preferred.map(|(locale, _)| locale)
    }
}

impl FromStr for Locale {
    type Err = InvalidLocale;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text.len() > Self::MAX_BYTES {
            return Err(InvalidLocale);
        }
        let mut tag = String::with_capacity(text.len());
        for (number, subtag) in text.split('-').enumerate() {
            let is_language = number == 0;
            let has_form = (1..=8).contains(&subtag.len())
                && subtag.bytes().all(|byte| byte.is_ascii_alphanumeric())
                && (!is_language
                    || (subtag.len() > 1 && subtag.bytes().all(|byte| byte.is_ascii_alphabetic())));
            if !has_form {
                return Err(InvalidLocale);
            }
            if !is_language {
                tag.push('-');
            }
            match subtag.len() {
                2 if !is_language => tag.push_str(&subtag.to_ascii_uppercase()),
                4 if !is_language => {
                    tag.push_str(&subtag[..1].to_ascii_uppercase());
                    tag.push_str(&subtag[1..].to_ascii_lowercase());
                }
                _ => tag.push_str(&subtag.to_ascii_lowercase()),
            }
        }
        Ok(Self(tag))
    }
}

impl fmt::Display for Locale {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The text does not have the form of a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a language tag")]
pub struct InvalidLocale;

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use crate::domain::{InvalidLocale, Locale};

    #[test]
    fn a_tag_is_kept_in_its_recommended_case() {
        for (text, tag) in
            [("DE", "de"), ("zh-hant-tw", "zh-Hant-TW"), ("en-us", "en-US"), ("es-419", "es-419")]
        {
            assert_eq!(text.parse::<Locale>().unwrap().as_str(), tag);
        }
    }

    #[test]
    fn what_has_not_the_form_of_a_tag_is_refused() {
        for text in ["", "-", "de-", "d", "1e", "de_DE", "*", "de--DE", "abcdefghi", "dé", "../x"]
        {
            assert_eq!(text.parse::<Locale>(), Err(InvalidLocale), "{text}");
        }
        assert_eq!(format!("de{}", "-abcdefgh".repeat(4)).parse::<Locale>(), Err(InvalidLocale));
    }

    #[test]
    fn the_client_s_first_choice_is_taken() {
        for (header, tag) in [
            ("de", Some("de")),
            ("fr;q=0.5, de-at, en;q=0.9", Some("de-AT")),
            ("en;q=0.8,de;q=0.8", Some("en")),
            ("*, de;q=0.5", Some("de")),
            ("*", None),
            ("de;q=0", None),
            ("", None),
            (";;;,,=", None),
        ] {
            let locale = Locale::from_accept_language(header);
            assert_eq!(locale.as_ref().map(Locale::as_str), tag, "{header}");
        }
    }

    proptest! {
        #[test]
        fn a_tag_that_was_read_reads_back(text in "[a-zA-Z]{2,3}(-[a-zA-Z0-9]{1,8}){0,3}") {
            if let Ok(locale) = text.parse::<Locale>() {
                prop_assert_eq!(locale.as_str().parse(), Ok(locale.clone()));
            }
        }

        #[test]
        fn reading_never_panics(text in any::<String>()) {
            let _ = text.parse::<Locale>();
            let _ = Locale::from_accept_language(&text);
        }
    }
}
