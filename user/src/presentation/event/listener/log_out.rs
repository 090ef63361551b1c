//! The wiring of a logout.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{CloseSession, log_out},
    presentation::event::transport::{CloseSessionProcess, LogOutSaga},
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<LogOutSaga>().default(log_out);
    core.declare::<CloseSessionProcess>().default(CloseSession::new);
}
