//! What was done, for whoever has to find out later.

use std::{fmt, net::IpAddr};

use time::OffsetDateTime;

use crate::domain::{Role, UserId};

/// What was done, or tried, for whoever has to find out later.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When, in UTC.
    pub at: OffsetDateTime,
    /// What, such as `log_in`.
    pub action: &'static str,
    /// By whom, as far as that is known: an identifier, never an address or what somebody typed.
    pub user_id: Option<UserId>,
    /// About whom, where that is not who acts.
    pub about: Option<UserId>,
    /// About which role, if it is about one.
    pub role: Option<Role>,
    /// From where, as far as that is known.
    pub address: Option<IpAddr>,
    /// `success`, or the code of the error.
    pub outcome: String,
}

impl fmt::Debug for AuditEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AuditEntry")
            .field("action", &self.action)
            .field("user_id", &self.user_id)
            .field("about", &self.about)
            .field("role", &self.role)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
