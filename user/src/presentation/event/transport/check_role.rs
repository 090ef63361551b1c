//! A route asks for a role.

use dullahan_core::Event;

use crate::domain::{CurrentSession, Role};

/// One of the application's own routes asks for a role, with the extractor `RequireRole` or the layer `require_role` of a
/// bridge.
///
/// Its default refuses users who do not hold it. Prevent it for those who may come in all the same, such as admins where any
/// role does.
///
/// # Rule
///
/// ASVS 5.0 items 8.2.1 and 8.3.2.
#[derive(Debug, Event)]
#[event(output = (), preventable)]
pub struct CheckRole {
    /// Who asks, with the roles as of this request.
    pub current: CurrentSession,
    /// What the route asks for.
    pub role: Role,
}
