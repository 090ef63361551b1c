//! The wiring of a change of an address.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{
        AskForEmailChange, CancelEmailChange, ChangeEmailInStore, ConfirmEmailChange,
        RequestEmailChange, cancel_email_change, confirm_email_change,
    },
    presentation::event::transport::{
        CancelEmailChangeProcess, CancelEmailChangeSaga, ChangeEmail, ConfirmEmailChangeProcess,
        ConfirmEmailChangeSaga, RequestEmailChangeProcess, RequestEmailChangeSaga,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<RequestEmailChangeSaga>().default(AskForEmailChange::new);
    core.declare::<RequestEmailChangeProcess>().default(RequestEmailChange::new);
    core.declare::<ConfirmEmailChangeSaga>().default(confirm_email_change);
    core.declare::<ConfirmEmailChangeProcess>().default(ConfirmEmailChange::new);
    core.declare::<ChangeEmail>().default(ChangeEmailInStore::new);
    core.declare::<CancelEmailChangeSaga>().default(cancel_email_change);
    core.declare::<CancelEmailChangeProcess>().default(CancelEmailChange::new);
}
