//! The wiring of roles: granted, revoked, and asked for.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{
        GrantRole, RevokeRole, audit_refusal, check_role, grant_role, revoke_role,
    },
    presentation::event::transport::{
        CheckRole, GrantRoleProcess, GrantRoleSaga, RevokeRoleProcess, RevokeRoleSaga,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<CheckRole>().default(check_role).observe(audit_refusal::<CheckRole>);
    core.declare::<GrantRoleSaga>().default(grant_role);
    core.declare::<GrantRoleProcess>().default(GrantRole::new);
    core.declare::<RevokeRoleSaga>().default(revoke_role);
    core.declare::<RevokeRoleProcess>().default(RevokeRole::new);
}
