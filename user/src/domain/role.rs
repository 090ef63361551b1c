//! What a user may do, as a name.

use std::{borrow::Cow, fmt, str::FromStr};

/// What a user may do, as a name such as `admin`: 1 to 64 lower-case letters, digits, `-` or `_` of ASCII.
///
/// What a role allows is the application's to say; the module keeps who holds which.
///
/// ```
/// use dullahan_user::domain::Role;
///
/// const EDITOR: Role = Role::from_static("editor");
///
/// assert_eq!("editor".parse(), Ok(EDITOR));
/// assert!("Editor".parse::<Role>().is_err());
/// ```
///
/// # Rule
///
/// ASVS 5.0 item 2.2.1: of an allow-list of characters. So two names never look alike or differ in case only, and
/// none can be mistaken for several in a list.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Role(Cow<'static, str>);

impl Role {
    /// The most bytes that a name has.
    pub const MAX_BYTES: usize = 64;

    /// Who looks after the service and its users.
    pub const ADMIN: Self = Self::from_static("admin");

    /// The role with a name that is written down in the program. As a constant it is checked when that is compiled:
    ///
    /// ```compile_fail
    /// # use dullahan_user::domain::Role;
    /// const ADMIN: Role = Role::from_static("Admin");
    /// # let _ = ADMIN;
    /// ```
    ///
    /// # Panics
    ///
    /// When it is not the name of a role.
    pub const fn from_static(name: &'static str) -> Self {
        assert!(is_name(name.as_bytes()), "not the name of a role");
        Self(Cow::Borrowed(name))
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Role {
    type Err = InvalidRole;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if is_name(text.as_bytes()) { Ok(Self(text.to_owned().into())) } else { Err(InvalidRole) }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// The text is not the name of a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not the name of a role")]
pub struct InvalidRole;

const fn is_name(text: &[u8]) -> bool {
    if text.is_empty() || text.len() > Role::MAX_BYTES {
        return false;
    }
    let mut at = 0;
    while at < text.len() {
        if !matches!(text[at], b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_') {
            return false;
        }
        at += 1;
    }
    true
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use crate::domain::{InvalidRole, Role};

    #[test]
    fn a_name_is_kept_as_it_is() {
        let longest = "a".repeat(64);
        for text in ["admin", "a", "content-editor", "tier_2", "1st", &longest] {
            let role: Role = text.parse().unwrap();
            assert_eq!((role.as_str(), role.to_string().as_str()), (text, text));
        }
        assert_eq!("admin".parse(), Ok(Role::ADMIN));
    }

    #[test]
    fn what_is_no_name_is_refused_and_not_repeated() {
        let too_long = "a".repeat(65);
        for text in [
            "", " ", "Admin", "ADMIN", "admin ", " admin", "a,b", "a b", "a\n", "a.b", "a/b",
            "ädmin", "аdmin", "a\0", &too_long,
        ] {
            assert_eq!(text.parse::<Role>(), Err(InvalidRole), "{text:?}");
        }
        assert_eq!(InvalidRole.to_string(), "not the name of a role");
    }

    proptest! {
        #[test]
        fn parsing_never_panics_and_a_role_parses_to_itself(text in any::<String>()) {
            if let Ok(role) = text.parse::<Role>() {
                prop_assert_eq!(role.as_str().parse(), Ok(role.clone()));
            }
        }
    }
}
