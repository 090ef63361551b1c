//! The wiring of an activation.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{ActivateUser, activate_with_token},
    presentation::event::transport::{ActivateUserProcess, ActivateUserSaga},
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<ActivateUserSaga>().default(activate_with_token);
    core.declare::<ActivateUserProcess>().default(ActivateUser::new);
}
