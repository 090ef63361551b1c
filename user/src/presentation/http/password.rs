//! `POST /auth/password/forgot`, `POST /auth/password/reset` and `POST /account/password`

use std::sync::Arc;

use bytes::Bytes;
use dullahan_core::Context;
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Problem, UserHttp,
    answer::{Answer, accepted, no_content},
    body::{EmailBody, Password, read},
    guard, login,
};
use crate::port::UserPasswordManager;

/// The token of a mail, and the new password.
#[derive(Deserialize, ToSchema)]
pub(super) struct ResetBody {
    /// The token, as the mail has it.
    token: String,
    #[schema(value_type = String, format = Password, max_length = 4096)]
    password: Password,
}

/// The current and the new password.
#[derive(Deserialize, ToSchema)]
pub(super) struct ChangePasswordBody {
    #[schema(value_type = String, format = Password)]
    current_password: Password,
    #[schema(value_type = String, format = Password, max_length = 4096)]
    new_password: Password,
}

/// Asks for a mail with which to choose a new password: 202 whoever has the address.
pub(super) async fn forgot(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let email = read::<EmailBody>(body)?.email_of_account()?;
    http.users.forgot_password(context, email).await?;
    accepted()
}

/// Replaces a forgotten password; nobody is signed in by it. The browser is known from then on, so that it can log in while
/// others try passwords.
pub(super) async fn reset(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let body: ResetBody = read(body)?;
    let password = body.password.chosen("/password").map_err(Problem::invalid_member)?;
    let token = body.token.trim().parse().ok();
    login::present_device(http, context);
    http.users.reset_password(context, token, Arc::new(password)).await?;
    let mut response = no_content();
    login::keep_device(http, context, &mut response, true)?;
    Ok(response)
}

/// Replaces the signed-in user's password. The session goes on under the token of the answer.
pub(super) async fn change(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let current = guard::signed_in_to_change(http, context).await?.current;
    let body: ChangePasswordBody = read(body)?;
    let new_password =
        body.new_password.chosen("/new_password").map_err(Problem::invalid_member)?;
    let current_password = body.current_password.presented();
    let (current_password, new_password) = (Arc::new(current_password), Arc::new(new_password));
    login::present_device(http, context);
    let changed = http.users.change_password(context, current, current_password, new_password);
    login::opened(http, context, changed.await?, guard::is_remembered(http, context)).await
}
