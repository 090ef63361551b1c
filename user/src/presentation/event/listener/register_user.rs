//! The wiring of a registration.

use dullahan_core::{CoreBuilder, Priority};

use crate::{
    application::functor::{
        CreateUser, HashWithHasher, NotifyTakenAddress, PutIntoMailQueue, RegisterUser,
        ValidateRegistration, owe_activation_mail,
    },
    presentation::event::transport::{
        CreateUserProcess, HashPassword, NotifyTakenAddressProcess, OweMail, RegisterUserSaga,
        ValidateRegistrationProcess,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<RegisterUserSaga>().default(RegisterUser::new);
    core.declare::<ValidateRegistrationProcess>().default(ValidateRegistration::new);
    core.declare::<HashPassword>().default(HashWithHasher::new);
    core.declare::<CreateUserProcess>()
        .default(CreateUser::new)
        .after(Priority::FIRST, owe_activation_mail);
    core.declare::<NotifyTakenAddressProcess>().default(NotifyTakenAddress::new);
    core.declare::<OweMail>().default(PutIntoMailQueue::new);
}
