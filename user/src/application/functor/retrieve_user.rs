//! Users are looked up.

use std::sync::Arc;

use dullahan_core::{Error, Fault, Listener, Perform, Result};
use serde_json::{Map, Value};

use crate::{
    domain::{CurrentSession, User},
    port::UserRepository,
    presentation::event::transport::{GetAccountSaga, GetUser, SerializeUser},
};

functor! {
    /// Looks a user up; the one of the current session is known already and costs no statement.
    pub struct FindUser {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<Perform<'_, GetUser>> for FindUser {
    async fn call(&self, ev: Perform<'_, GetUser>) -> Result<Option<User>> {
        match ev.context().get::<CurrentSession>() {
            Some(current) if current.user.id == ev.id => Ok(Some(current.user)),
            _ => self.users.find(ev.context(), ev.id).await,
        }
    }
}

/// The course of asking for one's own account.
///
/// # Errors
///
/// `not_found` when there is no such user.
pub async fn get_account(mut ev: Perform<'_, GetAccountSaga>) -> Result<Map<String, Value>> {
    let id = ev.user_id;
    let user = ev.dispatch(GetUser { id }).await?.ok_or_else(|| Error::new(Fault::NotFound))?;
    ev.dispatch(SerializeUser { user }).await
}
