//! The wiring of roles: granted, revoked, and asked for.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{GrantRole, RevokeRole, audit, check_role, grant_role, revoke_role},
    presentation::event::transport::{
        CheckRole, GrantRoleProcess, GrantRoleSaga, RevokeRoleProcess, RevokeRoleSaga,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<CheckRole>().default(check_role).observe(audit::<CheckRole>);
    core.declare::<GrantRoleSaga>().default(grant_role).observe(audit::<GrantRoleSaga>);
    core.declare::<GrantRoleProcess>().default(GrantRole::new);
    core.declare::<RevokeRoleSaga>().default(revoke_role).observe(audit::<RevokeRoleSaga>);
    core.declare::<RevokeRoleProcess>().default(RevokeRole::new);
}
