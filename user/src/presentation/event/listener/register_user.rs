//! The wiring of a registration.

use dullahan_core::{CoreBuilder, ListenerOptions as _, Priority};

use crate::{
    application::functor::{
        CheckPasswordByPolicy, CreateUser, DropPendingUsersInStore, HashWithHasher,
        PutIntoMailQueue, RegisterUser, ask_for_activation_mail, validate_registration,
    },
    presentation::event::transport::{
        CheckPassword, CreateUserProcess, DropPendingUsers, HashPassword, OweMail,
        RegisterUserSaga, ValidateRegistrationProcess,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<RegisterUserSaga>().default(RegisterUser::new);
    core.declare::<ValidateRegistrationProcess>().default(validate_registration);
    core.declare::<CheckPassword>().default(CheckPasswordByPolicy::new);
    core.declare::<HashPassword>().default(HashWithHasher::new);
    core.declare::<CreateUserProcess>()
        .default(CreateUser::new)
        .after(ask_for_activation_mail.priority(Priority::FIRST));
    core.declare::<DropPendingUsers>().default(DropPendingUsersInStore::new);
    core.declare::<OweMail>().default(PutIntoMailQueue::new);
}
