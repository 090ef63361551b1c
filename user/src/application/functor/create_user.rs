//! A user is stored, and the mail asked for with which to activate it.

use std::sync::Arc;

use dullahan_core::{After, DefaultAction, Listener, Result};

use crate::{
    application::errors::email_taken,
    domain::{MailRequestKind, Settings, User, UserStatus},
    port::{Insertion, UserRepository},
    presentation::event::transport::{CreateUserProcess, DropPendingUsers, RequestMailProcess},
};

functor! {
    /// Stores the user. Whether somebody holds its address is a question only where that is no secret, and for a user
    /// whose address is proven.
    pub struct CreateUser {
        users: Arc<dyn UserRepository>,
        settings: Arc<Settings>,
    }
}

impl Listener<DefaultAction<'_, CreateUserProcess>> for CreateUser {
    async fn call(&self, ev: DefaultAction<'_, CreateUserProcess>) -> Result<User> {
        let (context, new) = (ev.context(), &ev.user);
        if !self.settings.enumeration_protection && new.activated_at.is_none() {
            let found = self.users.find_credentials(context, &new.email).await?;
            if found.is_some_and(|found| found.user.status != UserStatus::Pending) {
                return Err(email_taken());
            }
        }
        match self.users.insert(context, new).await? {
            Insertion::Stored(user) => Ok(user),
            Insertion::AddressTaken => Err(email_taken()),
        }
    }
}

/// Asks for the mail with which to activate a pending user, in the unit of work of the creation. A worker looks up who
/// holds the address, and writes to them instead if somebody does.
///
/// # Errors
///
/// When the mail cannot be asked for; the user is not created then.
pub async fn ask_for_activation_mail(mut ev: After<'_, CreateUserProcess>) -> Result<()> {
    if ev.output().status == UserStatus::Pending {
        let (email, kind) = (ev.output().email.clone(), MailRequestKind::Registration);
        ev.dispatch(RequestMailProcess { email, kind }).await?;
    }
    Ok(())
}

functor! {
    /// Deletes the pending users with an address.
    pub struct DropPendingUsersInStore {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<DefaultAction<'_, DropPendingUsers>> for DropPendingUsersInStore {
    async fn call(&self, ev: DefaultAction<'_, DropPendingUsers>) -> Result<u64> {
        self.users.delete_pending(ev.context(), &ev.email).await
    }
}
