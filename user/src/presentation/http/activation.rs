//! `POST /auth/activation` and `POST /auth/activation/resend`

use std::sync::Arc;

use bytes::Bytes;
use dullahan_core::{Context, Violation};
use serde::Deserialize;
use utoipa::ToSchema;

use super::{
    Problem, UserHttp,
    answer::{Answer, accepted, no_content},
    body::{EmailBody, Password, read},
};
use crate::{
    domain::{ActivationPassword, PlainPassword},
    port::UserPersistManager,
};

/// The token of the mail, and the password of the registration or a new one.
#[derive(Deserialize, ToSchema)]
pub(super) struct ActivationBody {
    /// The token, as the mail has it.
    token: String,
    /// The password that was given at registration.
    #[schema(value_type = Option<String>, format = Password)]
    password: Option<Password>,
    /// Another password, for an account that keeps nothing of the registration but the address.
    #[schema(value_type = Option<String>, format = Password, max_length = 4096)]
    new_password: Option<Password>,
}

/// Activates the user of the token; nobody is signed in by it.
pub(super) async fn activate(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let body: ActivationBody = read(body)?;
    let password = password(body.password, body.new_password).map_err(Problem::invalid_member)?;
    http.users.activate(context, body.token.trim().parse().ok(), password).await?;
    Ok(no_content())
}

/// Either password, and not both.
fn password(
    registered: Option<Password>,
    new: Option<Password>,
) -> Result<Option<ActivationPassword>, Violation> {
    let shared = |password: PlainPassword| Arc::new(password);
    match (registered, new) {
        (Some(_), Some(_)) => Err(Violation::new("/new_password", "unknown_member")),
        (Some(password), None) => {
            Ok(Some(ActivationPassword::Registered(shared(password.presented()))))
        }
        (None, Some(password)) => {
            let password = password.chosen("/new_password")?;
            Ok(Some(ActivationPassword::New(shared(password))))
        }
        (None, None) => Ok(None),
    }
}

/// Asks for the activation mail once more: 202 whoever has the address.
pub(super) async fn resend(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let email = read::<EmailBody>(body)?.email_of_account()?;
    http.users.resend_activation(context, email).await?;
    accepted()
}
