//! The wiring of roles that are granted and revoked.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{GrantRole, RevokeRole, audit, grant_role, revoke_role},
    presentation::event::transport::{
        GrantRoleProcess, GrantRoleSaga, RevokeRoleProcess, RevokeRoleSaga,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<GrantRoleSaga>().default(grant_role).observe(audit::<GrantRoleSaga>);
    core.declare::<GrantRoleProcess>().default(GrantRole::new);
    core.declare::<RevokeRoleSaga>().default(revoke_role).observe(audit::<RevokeRoleSaga>);
    core.declare::<RevokeRoleProcess>().default(RevokeRole::new);
}
