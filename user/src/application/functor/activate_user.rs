//! A token is used up and its user becomes active.

use std::sync::Arc;

use dullahan_core::{Listener, Perform, Result};

use crate::{
    application::fault::token_invalid,
    domain::{TokenPurpose, User},
    port::{Clock, TokenRepository, UserRepository},
    presentation::event::transport::{ActivateUserProcess, ActivateUserSaga, ThrottleClient},
};

/// The course of an activation.
///
/// # Errors
///
/// `token_invalid` for whatever is wrong with the token.
pub async fn activate_with_token(mut ev: Perform<'_, ActivateUserSaga>) -> Result<User> {
    ev.dispatch(ThrottleClient {}).await?;
    let digest = ev.token.as_ref().ok_or_else(token_invalid)?.digest();
    ev.dispatch(ActivateUserProcess { digest }).await
}

functor! {
    /// Uses the token up and activates its user.
    pub struct ActivateUser {
        tokens: Arc<dyn TokenRepository>,
        users: Arc<dyn UserRepository>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<Perform<'_, ActivateUserProcess>> for ActivateUser {
    async fn call(&self, ev: Perform<'_, ActivateUserProcess>) -> Result<User> {
        let now = self.clock.now();
        let context = ev.context();
        let consumed =
            self.tokens.consume(context, &ev.digest, TokenPurpose::Activation, now).await?;
        let user_id = consumed.ok_or_else(token_invalid)?.user_id;
        self.users.activate(context, user_id, now).await?.ok_or_else(token_invalid)
    }
}
