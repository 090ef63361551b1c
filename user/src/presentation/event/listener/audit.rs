//! The wiring of the audit.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{audit, write_audit},
    presentation::event::transport::RecordAudit,
};

/// Every saga of the module leaves an entry, one that is added later too.
pub(super) fn register(core: &mut CoreBuilder, module: &'static str) {
    core.declare::<RecordAudit>().default(write_audit);
    core.every_saga().of_module(module).observe(audit);
}
