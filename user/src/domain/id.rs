//! What all identifiers of this module have in common.

/// The text is not an identifier.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a valid identifier")]
pub struct InvalidId;

/// Writes an identifier: a `UUID` with a type of its own, so that one cannot stand for another.
macro_rules! id {
    ($(#[$docs:meta])* $Id:ident) => {
        $(#[$docs])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $Id(uuid::Uuid);

        #[expect(clippy::new_without_default, reason = "a default that differs each time would surprise")]
        impl $Id {
            /// A new identifier, unlike any other.
            ///
            /// # Rule
            ///
            /// A `UUID` of version 7, RFC 9562 section 5.7: later ones sort behind earlier ones, so an index
            /// grows at its end. It tells when it was made and is no secret.
            pub fn new() -> Self {
                Self(uuid::Uuid::now_v7())
            }

            /// The identifier that a store has kept.
            pub const fn from_uuid(uuid: uuid::Uuid) -> Self {
                Self(uuid)
            }

            /// The form in which a store keeps it.
            pub const fn as_uuid(&self) -> uuid::Uuid {
                self.0
            }
        }

        impl std::fmt::Display for $Id {
            fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                std::fmt::Display::fmt(&self.0, formatter)
            }
        }

        impl std::str::FromStr for $Id {
            type Err = $crate::domain::InvalidId;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                uuid::Uuid::try_parse(text).map(Self).map_err(|_| $crate::domain::InvalidId)
            }
        }
    };
}

pub(crate) use id;

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use crate::domain::{InvalidId, MailId, SessionId, UserId};

    #[test]
    fn a_shown_identifier_parses_to_itself() {
        let id = UserId::new();
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(UserId::from_uuid(id.as_uuid()), id);
    }

    #[test]
    fn what_is_no_uuid_is_refused() {
        for text in ["", "1", "alice", "00000000-0000-0000-0000-00000000000g"] {
            assert_eq!(text.parse::<SessionId>(), Err(InvalidId));
        }
    }

    #[test]
    fn identifiers_are_of_version_7_unique_and_sorted_by_birth() {
        let ids: Vec<MailId> = (0..1_000).map(|_| MailId::new()).collect();
        assert!(ids.iter().all(|id| id.as_uuid().get_version_num() == 7));
        assert!(ids.is_sorted());
        assert_eq!(ids.iter().collect::<HashSet<_>>().len(), ids.len());
    }
}
