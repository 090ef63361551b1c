//! An account is changed by its owner.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Error, Listener, Result};

use crate::{
    application::{
        errors::not_found,
        members::{display_name, locale, unknown},
    },
    domain::{AccountChanges, User},
    port::UserRepository,
    presentation::event::transport::{
        UpdateAccountSaga, UpdateUserProcess, ValidateAccountChanges,
    },
};

/// The course of changing an account.
///
/// # Errors
///
/// What is wrong with the request, all of it; `not_found` when there is no such user.
pub async fn update_account(mut ev: DefaultAction<'_, UpdateAccountSaga>) -> Result<User> {
    let (user_id, request) = (ev.user_id, std::mem::take(&mut ev.request));
    let changes = ev.dispatch(ValidateAccountChanges { request }).await?;
    ev.dispatch(UpdateUserProcess { user_id, changes }).await
}

/// Checks and parses what was asked for; one answer names everything that is wrong.
///
/// # Errors
///
/// Everything that is wrong.
pub fn validate_account_changes(
    mut ev: DefaultAction<'_, ValidateAccountChanges>,
) -> Result<AccountChanges> {
    let request = std::mem::take(&mut ev.request);
    let mut violations: Vec<_> = unknown(&request.extra).collect();
    let display_name = request
        .display_name
        .map(|text| display_name(text.as_deref()))
        .transpose()
        .map_err(|violation| violations.push(violation));
    let locale = request
        .locale
        .map(|text| locale(text.as_deref()))
        .transpose()
        .map_err(|violation| violations.push(violation));
    match (display_name, locale) {
        (Ok(display_name), Ok(locale)) if violations.is_empty() => {
            Ok(AccountChanges { display_name, locale })
        }
        _ => Err(Error::invalid(violations)),
    }
}

functor! {
    /// Stores the changes.
    pub struct UpdateUser {
        users: Arc<dyn UserRepository>,
    }
}

impl Listener<DefaultAction<'_, UpdateUserProcess>> for UpdateUser {
    async fn call(&self, ev: DefaultAction<'_, UpdateUserProcess>) -> Result<User> {
        let updated = self.users.update(ev.context(), ev.user_id, &ev.changes).await?;
        updated.ok_or_else(not_found)
    }
}
