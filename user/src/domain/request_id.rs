//! What the proxies in front call a request.

use std::{fmt, str::FromStr};

/// What the proxies in front, or the client, call a request: up to 128 printable characters of ASCII without blanks.
///
/// It joins the lines of several logs. Nothing depends on it, as a client may have made it up.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// The most bytes that it has.
    pub const MAX_BYTES: usize = 128;

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for RequestId {
    type Err = InvalidRequestId;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_graphic());
        if text.is_empty() || text.len() > Self::MAX_BYTES || !is_plain {
            return Err(InvalidRequestId);
        }
        Ok(Self(text.to_owned()))
    }
}

impl fmt::Debug for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RequestId({})", self.0)
    }
}

/// The text is not the identifier of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the identifier of a request")]
pub struct InvalidRequestId;

#[cfg(test)]
mod tests {
    use crate::domain::{InvalidRequestId, RequestId};

    #[test]
    fn user_14_the_identifier_of_a_request_is_short_and_on_one_line() {
        for text in ["a", "01890000-0000-7000-8000-000000000000", &"x".repeat(128)] {
            assert_eq!(text.parse::<RequestId>().unwrap().as_str(), text);
        }
        for text in ["", "a b", "a\nb", "é", &"x".repeat(129)] {
            assert_eq!(text.parse::<RequestId>(), Err(InvalidRequestId), "{text:?}");
        }
    }
}
