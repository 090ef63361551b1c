//! An account as the rest of the application sees it.

use time::OffsetDateTime;

use crate::domain::{DisplayName, EmailAddress, Locale, Roles, UserId, UserStatus};

/// An account as the rest of the application sees it: without its [`Credentials`](crate::domain::Credentials).
///
/// All times are in UTC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct User {
    /// Who it is, for good.
    pub id: UserId,
    /// Where mail goes and, by its key, what the user logs in with.
    pub email: EmailAddress,
    /// The name to show, if one was given.
    pub display_name: Option<DisplayName>,
    /// The language to write to the user in, if that is known.
    pub locale: Option<Locale>,
    /// Whether its owner may log in.
    pub status: UserStatus,
    /// What the user may do.
    pub roles: Roles,
    /// When it was registered.
    pub created_at: OffsetDateTime,
    /// When its address was proven; `None` while it is pending.
    pub activated_at: Option<OffsetDateTime>,
    /// Until when its owner can come back, where it is closed; `None` where it is not.
    pub closed_until: Option<OffsetDateTime>,
}
