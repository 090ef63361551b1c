//! What a user wants to have otherwise about their account.

use std::fmt;

use serde_json::{Map, Value};

use crate::domain::{DisplayName, Locale};

/// What somebody has said that is to be otherwise about their account; nothing of it is checked yet.
///
/// Of each member `None` leaves things as they are, and `Some(None)` takes them away.
#[derive(Default)]
pub struct AccountRequest {
    /// The name to show, as typed.
    pub display_name: Option<Option<String>>,
    /// The language to be written to in, as typed.
    pub locale: Option<Option<String>>,
    /// What an application asks beside that: a listener takes out what it knows, and what nobody takes is
    /// refused.
    pub extra: Map<String, Value>,
}

/// Shows which extra members there are, and no value: people type secrets anywhere.
impl fmt::Debug for AccountRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AccountRequest")
            .field("extra", &self.extra.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// What is to be otherwise about an account.
///
/// Of each member `None` leaves things as they are, and `Some(None)` takes them away.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountChanges {
    /// The name to show.
    pub display_name: Option<Option<DisplayName>>,
    /// The language to be written to in.
    pub locale: Option<Option<Locale>>,
}
