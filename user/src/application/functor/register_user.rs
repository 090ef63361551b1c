//! The course of a registration.

use std::sync::Arc;

use dullahan_core::{Listener, Perform, Result};

use crate::{
    application::EMAIL_TAKEN,
    domain::{NewUser, RegistrationResponse, Settings, UserId},
    port::Clock,
    presentation::event::transport::{
        CreateUserProcess, HashPassword, NotifyTakenAddressProcess, RegisterUserSaga,
        ThrottleClient, ValidateRegistrationProcess,
    },
};

functor! {
    /// The course of a registration: validate, hash, create; the same for a free and a taken address.
    pub struct RegisterUser {
        settings: Arc<Settings>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<Perform<'_, RegisterUserSaga>> for RegisterUser {
    async fn call(&self, mut ev: Perform<'_, RegisterUserSaga>) -> Result<RegistrationResponse> {
        ev.dispatch(ThrottleClient {}).await?;
        let request = std::mem::take(&mut ev.request);
        let registering = ev.dispatch(ValidateRegistrationProcess { request }).await?;
        let password = registering.password;
        let password_hash = ev.dispatch(HashPassword { password }).await?;
        let user = NewUser {
            id: UserId::new(),
            email: registering.email.clone(),
            display_name: registering.display_name,
            locale: registering.locale,
            password_hash,
            created_at: self.clock.now(),
        };
        match ev.dispatch(CreateUserProcess { user }).await {
            Ok(_) if self.settings.enumeration_protection => Ok(RegistrationResponse::Pending),
            Ok(user) => Ok(RegistrationResponse::Created(user)),
            Err(error) if error.code() == EMAIL_TAKEN => {
                ev.dispatch(NotifyTakenAddressProcess { email: registering.email }).await?;
                if self.settings.enumeration_protection {
                    Ok(RegistrationResponse::Pending)
                } else {
                    Err(error)
                }
            }
            Err(error) => Err(error),
        }
    }
}
