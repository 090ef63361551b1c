//! A user is given a role, or loses one.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Listener, Result};

use crate::{
    application::errors::not_found,
    port::{RoleChange, UserRepository},
    presentation::event::transport::{
        GrantRoleProcess, GrantRoleSaga, RevokeRoleProcess, RevokeRoleSaga,
    },
};

/// The course of giving a role.
///
/// # Errors
///
/// `not_found` when there is no such user.
pub async fn grant_role(mut ev: DefaultAction<'_, GrantRoleSaga>) -> Result<bool> {
    let (user_id, role) = (ev.user_id, ev.role.clone());
    ev.dispatch(GrantRoleProcess { user_id, role }).await
}

functor! {
    /// Stores that a user has a role.
    pub struct GrantRole {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<DefaultAction<'_, GrantRoleProcess>> for GrantRole {
    async fn call(&self, ev: DefaultAction<'_, GrantRoleProcess>) -> Result<bool> {
        is_changed(self.users.grant_role(ev.context(), ev.user_id, &ev.role).await?)
    }
}

/// The course of taking a role.
///
/// # Errors
///
/// `not_found` when there is no such user.
pub async fn revoke_role(mut ev: DefaultAction<'_, RevokeRoleSaga>) -> Result<bool> {
    let (user_id, role) = (ev.user_id, ev.role.clone());
    ev.dispatch(RevokeRoleProcess { user_id, role }).await
}

functor! {
    /// Removes a role of a user from the store.
    pub struct RevokeRole {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<DefaultAction<'_, RevokeRoleProcess>> for RevokeRole {
    async fn call(&self, ev: DefaultAction<'_, RevokeRoleProcess>) -> Result<bool> {
        is_changed(self.users.revoke_role(ev.context(), ev.user_id, &ev.role).await?)
    }
}

fn is_changed(change: RoleChange) -> Result<bool> {
    match change {
        RoleChange::Changed => Ok(true),
        RoleChange::Unchanged => Ok(false),
        RoleChange::NoSuchUser => Err(not_found()),
    }
}
