//! What was done, for whoever has to find out later.

use std::fmt;

use time::OffsetDateTime;

use crate::domain::{AccountDigest, Device, RequestId, Role, SessionId, UserId};

/// What was done, or attempted, for whoever has to find out later.
///
/// It holds no credentials, no address of a mailbox, and nothing that somebody typed.
#[derive(Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// When, in UTC.
    pub at: OffsetDateTime,
    /// What, such as `log_in`.
    pub action: &'static str,
    /// By whom, as far as that is known.
    pub user_id: Option<UserId>,
    /// About whose account, where that is not who acts.
    pub about: Option<UserId>,
    /// About whose account, where an address was given: its digest, whether or not an account has the address. For a login
    /// that a limit refused before the password was checked, it is the only name of the account.
    pub account: Option<AccountDigest>,
    /// About which session: the one that was opened, renewed or ended.
    pub session_id: Option<SessionId>,
    /// About which role.
    pub role: Option<Role>,
    /// From what: what the client calls itself, and its address.
    pub device: Device,
    /// In which request: the header `X-Request-Id`, if there is one that is a [`RequestId`].
    pub request_id: Option<RequestId>,
    /// How it came out.
    pub outcome: AuditOutcome,
}

/// How what was done came out.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AuditOutcome {
    /// The default action was done.
    Success,
    /// A listener prevented the default action and did something else, or nothing.
    Prevented {
        /// The listener.
        by: String,
    },
    /// It failed.
    Failure {
        /// The code of the error, such as `too_many_requests`. Where the request's content was not acceptable, the codes of what
        /// is wrong with it, such as `wrong_password`, separated by commas.
        code: String,
    },
}

impl AuditOutcome {
    /// `success`, `prevented` or `failure`.
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Success => "success",
            Self::Prevented { .. } => "prevented",
            Self::Failure { .. } => "failure",
        }
    }

    /// The code of the failure, if it is one.
    pub fn code(&self) -> Option<&str> {
        match self {
            Self::Failure { code } => Some(code),
            Self::Success | Self::Prevented { .. } => None,
        }
    }
}

impl fmt::Debug for AuditEntry {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("AuditEntry")
            .field("action", &self.action)
            .field("user_id", &self.user_id)
            .field("about", &self.about)
            .field("account", &self.account)
            .field("session_id", &self.session_id)
            .field("role", &self.role)
            .field("request_id", &self.request_id)
            .field("outcome", &self.outcome)
            .finish_non_exhaustive()
    }
}
