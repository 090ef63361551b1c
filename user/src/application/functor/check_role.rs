//! A route asks for a role.

use dullahan_core::{Perform, Result};

use crate::{application::fault::role_required, presentation::event::transport::CheckRole};

/// Refuses a user who does not hold the role.
///
/// # Errors
///
/// `role_required`.
pub fn check_role(ev: Perform<'_, CheckRole>) -> Result<()> {
    if ev.current.user.roles.contains(&ev.role) { Ok(()) } else { Err(role_required()) }
}
