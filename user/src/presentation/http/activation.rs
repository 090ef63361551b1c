//! `POST /auth/activation` and `POST /auth/activation/resend`

use bytes::Bytes;
use dullahan_core::Context;

use super::{
    UserHttp,
    answer::{Answer, accepted, no_content},
    body::{EmailBody, TokenBody, read},
};
use crate::port::UserPersistManager;

/// Activates the user of the token; nobody is signed in by it.
pub(super) async fn activate(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let token = read::<TokenBody>(body)?.token();
    http.users.activate(context, token).await?;
    Ok(no_content())
}

/// Asks for the activation mail once more: 202 whoever has the address.
pub(super) async fn resend(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let email = read::<EmailBody>(body)?.email_of_account()?;
    http.users.resend_activation(context, email).await?;
    accepted()
}
