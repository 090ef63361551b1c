//! `POST /auth/password/forgot`, `POST /auth/password/reset` and `POST /account/password`

use std::sync::Arc;

use bytes::Bytes;
use dullahan_core::{Context, Violation};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    Problem, UserHttp,
    answer::{Answer, accepted, no_content},
    body::{Body, EmailBody, Password, read},
    guard, login,
};
use crate::port::UserPasswordManager;

/// The token of a mail, and the password that was chosen.
#[derive(Deserialize, ToSchema)]
pub(super) struct ResetBody {
    #[schema(required, value_type = String)]
    token: Option<String>,
    #[schema(required, value_type = String, format = Password, max_length = 4096)]
    password: Option<Password>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Map<String, Value>,
}

impl Body for ResetBody {
    fn unknown(&self) -> &Map<String, Value> {
        &self.unknown
    }
}

/// The password as it is, and as it is to be.
#[derive(Deserialize, ToSchema)]
pub(super) struct ChangePasswordBody {
    #[schema(required, value_type = String, format = Password)]
    current_password: Option<Password>,
    #[schema(required, value_type = String, format = Password, max_length = 4096)]
    new_password: Option<Password>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Map<String, Value>,
}

impl Body for ChangePasswordBody {
    fn unknown(&self) -> &Map<String, Value> {
        &self.unknown
    }
}

/// Asks for a mail with which to choose a new password: 202 whoever has the address.
pub(super) async fn forgot(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let email = read::<EmailBody>(body)?.email_of_account()?;
    http.users.forgot_password(context, email).await?;
    accepted()
}

/// Replaces a forgotten password; nobody is signed in by it.
pub(super) async fn reset(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let body: ResetBody = read(body)?;
    let mut violations = Vec::new();
    if body.token.is_none() {
        violations.push(Violation::new("/token", "required"));
    }
    let password = match body.password {
        Some(password) => password.chosen("/password"),
        None => Err(Violation::new("/password", "required")),
    };
    let password = password.map_err(|violation| violations.push(violation));
    let (Some(token), Ok(password)) = (body.token, password) else {
        return Err(Problem::invalid(violations).into());
    };
    http.users.reset_password(context, token.trim().parse().ok(), Arc::new(password)).await?;
    Ok(no_content())
}

/// Replaces the signed-in user's password. The session goes on under the token of the answer.
pub(super) async fn change(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let current = guard::signed_in_to_change(http, context).await?.current;
    let body: ChangePasswordBody = read(body)?;
    let mut violations = Vec::new();
    let current_password = match body.current_password {
        Some(password) => Ok(password.presented()),
        None => Err(Violation::new("/current_password", "required")),
    };
    let current_password = current_password.map_err(|violation| violations.push(violation));
    let new_password = match body.new_password {
        Some(password) => password.chosen("/new_password"),
        None => Err(Violation::new("/new_password", "required")),
    };
    let new_password = new_password.map_err(|violation| violations.push(violation));
    let (Ok(current_password), Ok(new_password)) = (current_password, new_password) else {
        return Err(Problem::invalid(violations).into());
    };
    let (current_password, new_password) = (Arc::new(current_password), Arc::new(new_password));
    let changed = http.users.change_password(context, current, current_password, new_password);
    login::opened(http, context, changed.await?).await
}
