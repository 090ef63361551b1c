//! `POST /account/email`, `POST /auth/email/confirm` and `POST /auth/email/cancel`

use bytes::Bytes;
use dullahan_core::Context;
use http::StatusCode;
use serde_json::json;

use super::{
    UserHttp,
    answer::{Answer, accepted, json, no_content},
    body::{EmailBody, TokenBody, read},
    guard,
};
use crate::{domain::Mailbox, port::UserAddressManager};

/// Asks for another address: 202 for a free and a taken one alike.
pub(super) async fn change(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let current = guard::signed_in_to_change(http, context).await?.current;
    let email = read::<EmailBody>(body)?.email()?;
    http.users.request_email_change(context, current, email).await?;
    accepted()
}

/// Agrees to a change of the address, for the mailbox of the token.
pub(super) async fn confirm(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let token = read::<TokenBody>(body)?.token();
    let confirmation = http.users.confirm_email_change(context, token).await?;
    let awaiting: Vec<_> = confirmation.awaiting.into_iter().map(Mailbox::as_str).collect();
    json(StatusCode::OK, &json!({ "awaiting": awaiting }))
}

/// Stops a change of the address, by the token of either mailbox.
pub(super) async fn cancel(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let token = read::<TokenBody>(body)?.token();
    http.users.cancel_email_change(context, token).await?;
    Ok(no_content())
}
