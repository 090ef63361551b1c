//! `GET /account`

use dullahan_core::Context;
use http::StatusCode;

use super::{
    UserHttp,
    answer::{Answer, json},
    guard,
};
use crate::port::UserRetrievalManager;

/// Shows the signed-in user's own account.
pub(super) async fn show(http: &UserHttp, context: &Context) -> Answer {
    let signed_in = guard::signed_in(http, context).await?;
    let account = http.users.account(context, signed_in.current.user.id).await?;
    json(StatusCode::OK, &account)
}
