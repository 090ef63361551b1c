//! What somebody who registers says and is told.

use std::fmt;

use serde_json::{Map, Value};

use crate::domain::{PlainPassword, User};

/// What somebody who registers has said; nothing of it is checked yet.
#[derive(Default)]
pub struct RegistrationRequest {
    /// The address, as typed.
    pub email: String,
    /// The password; the check of the request takes it.
    pub password: Option<PlainPassword>,
    /// The name to show, as typed.
    pub display_name: Option<String>,
    /// The language to be written to in, as typed; if none is, that of the request counts.
    pub locale: Option<String>,
    /// What an application asks beside that: a listener takes out what it knows, and what nobody takes is
    /// refused.
    pub extra: Map<String, Value>,
}

/// Shows which extra members there are, and no value: people type secrets anywhere.
impl fmt::Debug for RegistrationRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RegistrationRequest")
            .field("extra", &self.extra.keys().collect::<Vec<_>>())
            .finish_non_exhaustive()
    }
}

/// What somebody who registers is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegistrationResponse {
    /// To look into the mailbox: the answer to a free and to a taken address alike.
    Pending,
    /// The user, where the application has said that the existence of an account is no secret.
    Created(User),
}
