//! The wiring of a registration.

use dullahan_core::{CoreBuilder, Priority};

use crate::{
    application::functor::{
        CheckPasswordByPolicy, CreateUser, DropUnproven, HashWithHasher, NotifyTakenAddress,
        PutIntoMailQueue, RegisterUser, audit, owe_activation_mail, validate_registration,
    },
    presentation::event::transport::{
        CheckPassword, CreateUserProcess, DropUnprovenPassword, HashPassword,
        NotifyTakenAddressProcess, OweMail, RegisterUserSaga, ValidateRegistrationProcess,
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
        .after(Priority::FIRST, owe_activation_mail);
    core.declare::<NotifyTakenAddressProcess>().default(NotifyTakenAddress::new);
    core.declare::<DropUnprovenPassword>().default(DropUnproven::new);
    core.declare::<OweMail>().default(PutIntoMailQueue::new);
}
