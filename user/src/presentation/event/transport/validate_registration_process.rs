//! What was sent is checked and parsed.

use dullahan_core::Process;

use crate::domain::{RegisteringUser, RegistrationRequest};

/// What was sent is checked and parsed, before anything costly is done and anything is stored.
///
/// The place to ask further questions: listen before it and [`reject`](dullahan_core::Before::reject). The
/// module's own checks still run then, so that one answer names everything that is wrong.
///
/// It runs for free and taken addresses alike, so a refusal here does not reveal which of the two an address is. A check
/// that uses something up, such as an invite code, belongs after it: that listener runs only if everything else is
/// acceptable, and writes in a unit of work that is committed before the password is hashed.
#[derive(Debug, Process)]
#[event(output = RegisteringUser, preventable, gathers)]
pub struct ValidateRegistrationProcess {
    /// What was sent.
    pub request: RegistrationRequest,
}
