//! The course of a registration.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Error, ErrorKind, Listener, Result};

use crate::{
    application::errors::is_email_taken,
    domain::{ClientAction, MailRequestKind, NewUser, RegistrationResponse, Settings, UserId},
    port::Clock,
    presentation::event::transport::{
        CreateUserProcess, HashPassword, RegisterUserSaga, RequestMailProcess, ThrottleClient,
        ValidateRegistrationProcess,
    },
};

functor! {
    /// The course of a registration: validate, hash, create; the same for a free and a taken address.
    pub struct RegisterUser {
        settings: Arc<Settings>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<DefaultAction<'_, RegisterUserSaga>> for RegisterUser {
    async fn call(
        &self,
        mut ev: DefaultAction<'_, RegisterUserSaga>,
    ) -> Result<RegistrationResponse> {
        ev.dispatch(ThrottleClient { action: ClientAction::Register }).await?;
        let request = std::mem::take(&mut ev.request);
        // For observers of the saga: whose registration it was.
        ev.request.email.clone_from(&request.email);
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
            registered_from: ev.context().client_address(),
            activated_at: None,
        };
        let created = match ev.dispatch(CreateUserProcess { user }).await {
            // An application that creates users in its own way has found that.
            Err(taken) if is_email_taken(&taken) && self.settings.enumeration_protection => {
                let (email, kind) = (registering.email, MailRequestKind::Registration);
                let told = ev.dispatch(RequestMailProcess { email, kind }).await;
                told.and(Err(taken))
            }
            created => created,
        };
        if self.settings.enumeration_protection {
            created.map(|_| ()).or_else(keep_secret).map(|()| RegistrationResponse::Pending)
        } else {
            created.map(RegistrationResponse::Created)
        }
    }
}

/// Drops an error that would tell a client whether the address has an account, and passes on all others.
///
/// The module's own creation runs for a free and a taken address alike; one of an application's own may not, so a
/// refusal in it may be an answer that the other kind of address does not get.
fn keep_secret(error: Error) -> Result<()> {
    match error.kind() {
        ErrorKind::Conflict if is_email_taken(&error) => Ok(()),
        ErrorKind::Invalid
        | ErrorKind::Unauthenticated
        | ErrorKind::Forbidden
        | ErrorKind::NotFound
        | ErrorKind::Conflict
        | ErrorKind::TooManyRequests => {
            tracing::error!(
                %error,
                "a registration was refused too late and answered as if it had succeeded: the refusal would \
                 tell whether the address has an account; refuse in `ValidateRegistrationProcess`"
            );
            Ok(())
        }
        ErrorKind::Unavailable | ErrorKind::Internal => Err(error),
    }
}
