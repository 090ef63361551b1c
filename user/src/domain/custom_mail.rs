//! The name of a mail of the application's own.

use std::{fmt, str::FromStr};

use crate::domain::UnknownName;

/// What tells the kinds of an application from those of the module, in a store and among templates.
const PREFIX: &str = "app_";

/// How long a name may be, without the prefix.
const LONGEST: usize = 40;

/// The name of a mail of the application's own; see [`MailKind::custom`](crate::domain::MailKind::custom).
///
/// It holds its text, so that a [`MailKind`](crate::domain::MailKind) can be copied whether it came from a constant or out of a
/// store.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CustomMail {
    /// The name behind the prefix, and zeros after that.
    text: [u8; PREFIX.len() + LONGEST],
    length: usize,
}

impl CustomMail {
    /// `None` unless the name is 1 to 40 lower-case letters, digits and `_`.
    pub(crate) const fn new(name: &str) -> Option<Self> {
        let (prefix, name) = (PREFIX.as_bytes(), name.as_bytes());
        if name.is_empty() || name.len() > LONGEST {
            return None;
        }
        let mut text = [0; PREFIX.len() + LONGEST];
        let mut index = 0;
        while index < prefix.len() {
            text[index] = prefix[index];
            index += 1;
        }
        while index < prefix.len() + name.len() {
            let letter = name[index - prefix.len()];
            if !matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'_') {
                return None;
            }
            text[index] = letter;
            index += 1;
        }
        Some(Self { text, length: index })
    }

    /// The word for it in a store: the name behind `app_`.
    pub fn as_str(&self) -> &str {
        str::from_utf8(&self.text[..self.length]).unwrap_or_default()
    }

    /// The name alone.
    pub fn name(&self) -> &str {
        self.as_str().strip_prefix(PREFIX).unwrap_or_default()
    }
}

impl FromStr for CustomMail {
    type Err = UnknownName;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix(PREFIX).and_then(Self::new).ok_or(UnknownName)
    }
}

impl fmt::Debug for CustomMail {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_tuple("CustomMail").field(&self.name()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::CustomMail;

    #[test]
    fn a_name_is_a_word_of_the_stores() {
        let longest = "a".repeat(40);
        for name in ["welcome", "order_2_shipped", &longest] {
            let custom = CustomMail::new(name).unwrap();
            assert_eq!((custom.name(), custom.as_str()), (name, &*format!("app_{name}")));
            assert_eq!(custom.as_str().parse(), Ok(custom));
        }
        for name in ["", "Welcome", "wel come", "grüße", &format!("{longest}a")] {
            assert_eq!(CustomMail::new(name), None, "{name}");
        }
    }
}
