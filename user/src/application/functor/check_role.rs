//! A route asks for a role.

use dullahan_core::{DefaultAction, Result};

use crate::{application::errors::role_required, presentation::event::transport::CheckRole};

/// Refuses a user who does not hold the role.
///
/// # Errors
///
/// `role_required`.
pub fn check_role(ev: DefaultAction<'_, CheckRole>) -> Result<()> {
    if ev.current.user.roles.contains(&ev.role) { Ok(()) } else { Err(role_required()) }
}
