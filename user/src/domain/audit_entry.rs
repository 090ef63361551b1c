//! What was done, for whoever has to find out later.

use std::{fmt, net::IpAddr};

use time::OffsetDateTime;

use crate::domain::UserId;

/// What was done, or tried, for whoever has to find out later.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When, in UTC.
    pub at: OffsetDateTime,
    /// What, such as `log_in`.
    pub action: &'static str,
    /// By whom, as far as that is known: an identifier, never an address or what somebody typed.
    pub user_id: Option<UserId>,
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
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
