//! A user is stored, or the owner of the address is told.

use std::sync::Arc;

use dullahan_core::{After, Listener, Perform, Result};

use crate::{
    application::fault::email_taken,
    domain::{MailKind, NewMail, User, UserStatus},
    port::{Insertion, UserRepository},
    presentation::event::transport::{CreateUserProcess, NotifyTakenAddressProcess, OweMail},
};

functor! {
    /// Stores the user; the store decides in the same statement whether the address is free.
    pub struct CreateUser {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<Perform<'_, CreateUserProcess>> for CreateUser {
    async fn call(&self, ev: Perform<'_, CreateUserProcess>) -> Result<User> {
        match self.users.insert(ev.context(), &ev.user).await? {
            Insertion::Stored(user) => Ok(user),
            Insertion::AddressTaken => Err(email_taken()),
        }
    }
}

/// Owes a pending user the activation mail, in the unit of work of the creation.
///
/// # Errors
///
/// When the mail cannot be owed; the user is not created then.
pub async fn owe_activation_mail(mut ev: After<'_, CreateUserProcess>) -> Result<()> {
    if ev.output().status == UserStatus::Pending {
        let user_id = ev.output().id;
        ev.dispatch(OweMail { mail: NewMail::new(user_id, MailKind::Activation) }).await?;
    }
    Ok(())
}

functor! {
    /// Tells the owner of an address that somebody tried to register it.
    pub struct NotifyTakenAddress {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<Perform<'_, NotifyTakenAddressProcess>> for NotifyTakenAddress {
    async fn call(&self, mut ev: Perform<'_, NotifyTakenAddressProcess>) -> Result<()> {
        let found = self.users.find_credentials(ev.context(), &ev.email).await?;
        let Some(user) = found.map(|credentials| credentials.user) else { return Ok(()) };
        let kind = match user.status {
            UserStatus::Pending => MailKind::Activation,
            UserStatus::Active => MailKind::AlreadyRegistered,
            UserStatus::Deactivated => return Ok(()),
        };
        ev.dispatch(OweMail { mail: NewMail::new(user.id, kind) }).await?;
        Ok(())
    }
}
