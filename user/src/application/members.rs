//! Members that a client may send, parsed.

use dullahan_core::Violation;
use serde_json::{Map, Value};

use crate::domain::{DisplayName, InvalidDisplayName, Locale};

/// A name of nothing but blanks is no name.
pub(super) fn display_name(text: Option<&str>) -> Result<Option<DisplayName>, Violation> {
    match text.map(str::parse::<DisplayName>) {
        None | Some(Err(InvalidDisplayName::Empty)) => Ok(None),
        Some(Ok(name)) => Ok(Some(name)),
        Some(Err(InvalidDisplayName::TooLong { max })) => {
            Err(Violation::new("/display_name", "too_long").with("max", max))
        }
        Some(Err(_)) => Err(Violation::new("/display_name", "forbidden_character")),
    }
}

pub(super) fn locale(text: Option<&str>) -> Result<Option<Locale>, Violation> {
    text.map(|text| text.parse().map_err(|_| Violation::new("/locale", "invalid_locale")))
        .transpose()
}

/// What no listener has taken out of the extra members is known to nobody.
pub(super) fn unknown(extra: &Map<String, Value>) -> impl Iterator<Item = Violation> {
    extra.keys().map(|name| Violation::new(extra_pointer(name), "unknown_member"))
}

/// Where an extra member is, as a JSON pointer (RFC 6901).
pub(super) fn extra_pointer(name: &str) -> String {
    format!("/extra/{}", name.replace('~', "~0").replace('/', "~1"))
}
