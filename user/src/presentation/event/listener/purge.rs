//! The wiring of forgetting what is over.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{PurgeStores, purge},
    presentation::event::transport::{PurgeProcess, PurgeSaga},
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<PurgeSaga>().default(purge);
    core.declare::<PurgeProcess>().default(PurgeStores::new);
}
