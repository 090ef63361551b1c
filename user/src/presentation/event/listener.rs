//! The default wiring, one file a flow.

mod account;
mod activate_user;
mod audit;
mod change_email;
mod change_password;
mod deliver_mail;
mod log_in;
mod log_out;
mod purge;
mod register_user;
mod roles;

use dullahan_core::CoreBuilder;

/// Declares every event of the module and gives each its default action.
pub(crate) fn register(core: &mut CoreBuilder, module: &'static str) {
    audit::register(core, module);
    register_user::register(core);
    activate_user::register(core);
    log_in::register(core);
    log_out::register(core);
    account::register(core);
    change_password::register(core);
    change_email::register(core);
    roles::register(core);
    deliver_mail::register(core);
    purge::register(core);
}
