//! A user is stored, or the owner of the address is told.

use std::sync::Arc;

use dullahan_core::{After, Listener, Perform, Result};

use crate::{
    application::fault::email_taken,
    domain::{MailKind, NewMail, Settings, User, UserStatus, before},
    port::{Clock, Insertion, MailQueue, UserRepository},
    presentation::event::transport::{
        CreateUserProcess, DropUnprovenPassword, NotifyTakenAddressProcess, OweMail,
    },
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
    /// Tells the owner of an address that somebody tried to register it; the password of a pending account, which may
    /// be anybody's, is dropped before.
    pub struct NotifyTakenAddress {
        users: Arc<dyn UserRepository>,
        settings: Arc<Settings>,
    }
}

impl Listener<Perform<'_, NotifyTakenAddressProcess>> for NotifyTakenAddress {
    async fn call(&self, mut ev: Perform<'_, NotifyTakenAddressProcess>) -> Result<()> {
        let found = self.users.find_credentials(ev.context(), &ev.email).await?;
        let Some(found) = found else { return Ok(()) };
        // Nobody activates it from here on until its password is gone and the mail owed.
        let locked = self.users.lock(ev.context(), found.user.id).await?;
        let Some(user) = locked.map(|credentials| credentials.user) else { return Ok(()) };
        let (user_id, status) = (user.id, user.status);
        if status == UserStatus::Deactivated {
            return Ok(());
        }
        let is_dropped = ev.dispatch(DropUnprovenPassword { user }).await?;
        let kind = match status {
            UserStatus::Pending if is_dropped => MailKind::CompleteRegistration,
            UserStatus::Pending => MailKind::Activation,
            UserStatus::Active if self.settings.enumeration_protection => {
                MailKind::AlreadyRegistered
            }
            UserStatus::Active | UserStatus::Deactivated => return Ok(()),
        };
        ev.dispatch(OweMail { mail: NewMail::new(user_id, kind) }).await?;
        Ok(())
    }
}

functor! {
    /// Drops the password of a pending account, and withdraws the mail that would activate it with that; not within
    /// [`Settings::registration_grace`] of its registration.
    pub struct DropUnproven {
        users: Arc<dyn UserRepository>,
        queue: Arc<dyn MailQueue>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<Perform<'_, DropUnprovenPassword>> for DropUnproven {
    async fn call(&self, ev: Perform<'_, DropUnprovenPassword>) -> Result<bool> {
        let (context, user_id) = (ev.context(), ev.user.id);
        let until = before(self.clock.now(), self.settings.registration_grace);
        let is_dropped = self.users.drop_unproven_password(context, user_id, until).await?;
        // Whichever mail is of no use now: so every account costs the same work.
        let withdrawn =
            if is_dropped { MailKind::Activation } else { MailKind::CompleteRegistration };
        self.queue.withdraw(context, user_id, withdrawn).await?;
        Ok(is_dropped)
    }
}
