//! The wiring of a registration.

use dullahan_core::{CoreBuilder, Priority};

use crate::{
    application::functor::{
        CheckPasswordByPolicy, CreateUser, DropPendingUsersInStore, HashWithHasher,
        PutIntoMailQueue, RegisterUser, ask_for_activation_mail, audit, validate_registration,
    },
    presentation::event::transport::{
        CheckPassword, CreateUserProcess, DropPendingUsers, HashPassword, OweMail,
        RegisterUserSaga, ValidateRegistrationProcess,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<RegisterUserSaga>()
        .default(RegisterUser::new)
        .observe(audit::<RegisterUserSaga>);
    core.declare::<ValidateRegistrationProcess>().default(validate_registration);
    core.declare::<CheckPassword>().default(CheckPasswordByPolicy::new);
    core.declare::<HashPassword>().default(HashWithHasher::new);
    core.declare::<CreateUserProcess>()
        .default(CreateUser::new)
        .after(Priority::FIRST, ask_for_activation_mail);
    core.declare::<DropPendingUsers>().default(DropPendingUsersInStore::new);
    core.declare::<OweMail>().default(PutIntoMailQueue::new);
}
