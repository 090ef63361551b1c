//! A user is given a role, or loses one.

use dullahan_core::{Process, Saga};

use crate::domain::{Audited, Role, UserId};

/// A user is given a role. Its output says whether that changed anything.
///
/// Its default runs [`GrantRoleProcess`]. Whoever may ask for it has to be checked before; a listener before it is a
/// place to do so for all who ask.
#[derive(Debug, Saga)]
#[event(output = bool, preventable, views(dyn Audited))]
pub struct GrantRoleSaga {
    /// Who is given it.
    pub user_id: UserId,
    /// What the user may do from then on.
    pub role: Role,
}

/// The role is stored. Its output says whether the user did not have it before.
#[derive(Debug, Clone, Process)]
#[event(output = bool, preventable, repeatable)]
pub struct GrantRoleProcess {
    /// Who is given it.
    pub user_id: UserId,
    /// What the user may do from then on.
    pub role: Role,
}

/// A user loses a role. Its output says whether that changed anything.
///
/// Its default runs [`RevokeRoleProcess`]. Sessions go on, without what the role allowed.
///
/// # Rule
///
/// ASVS 5.0 item 8.3.2: it holds from the next request on.
#[derive(Debug, Saga)]
#[event(output = bool, preventable, views(dyn Audited))]
pub struct RevokeRoleSaga {
    /// Who loses it.
    pub user_id: UserId,
    /// What the user may not do any more.
    pub role: Role,
}

/// The role is removed from the store. Its output says whether the user had it.
#[derive(Debug, Clone, Process)]
#[event(output = bool, preventable, repeatable)]
pub struct RevokeRoleProcess {
    /// Who loses it.
    pub user_id: UserId,
    /// What the user may not do any more.
    pub role: Role,
}
