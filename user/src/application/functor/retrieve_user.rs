//! Users are looked up.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Error, ErrorKind, Listener, Result};
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

impl Listener<DefaultAction<'_, GetUser>> for FindUser {
    async fn call(&self, ev: DefaultAction<'_, GetUser>) -> Result<Option<User>> {
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
pub async fn get_account(mut ev: DefaultAction<'_, GetAccountSaga>) -> Result<Map<String, Value>> {
    let id = ev.user_id;
    let user = ev.dispatch(GetUser { id }).await?.ok_or_else(|| Error::new(ErrorKind::NotFound))?;
    ev.dispatch(SerializeUser { user }).await
}
