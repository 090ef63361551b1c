//! `GET`, `DELETE /account/sessions` and `DELETE /account/sessions/{id}`

use dullahan_core::{Context, Error, ErrorKind};
use http::StatusCode;
use serde_json::json;

use super::{
    Problem, UserHttp,
    answer::{Answer, json, no_content},
    guard,
    login::clear_cookie,
};
use crate::{domain::SessionTransport, port::UserSessionManager};

/// Shows the signed-in user's sessions.
pub(super) async fn list(http: &UserHttp, context: &Context) -> Answer {
    let current = guard::signed_in(http, context).await?.current;
    let sessions = http.users.sessions(context, current).await?;
    json(StatusCode::OK, &json!({ "sessions": sessions }))
}

/// Ends all sessions of the signed-in user but this one. The query has to say so: `?except=current`.
pub(super) async fn revoke_others(http: &UserHttp, context: &Context) -> Answer {
    let current = guard::signed_in_to_change(http, context).await?.current;
    if context.request().and_then(|head| head.uri.query()) != Some("except=current") {
        let detail = "the query has to be except=current; log out to end this session";
        return Err(Problem::malformed(detail.to_owned()).into());
    }
    http.users.revoke_others(context, current).await?;
    Ok(no_content())
}

/// Ends one of the signed-in user's sessions. Any other is not found.
pub(super) async fn revoke(http: &UserHttp, context: &Context, id: Option<&str>) -> Answer {
    let current = guard::signed_in_to_change(http, context).await?.current;
    let id = id.and_then(|id| id.parse().ok()).ok_or_else(|| Error::new(ErrorKind::NotFound))?;
    http.users.revoke(context, current.user.id, id).await?;
    let mut response = no_content();
    if id == current.session.id && current.session.transport == SessionTransport::Cookie {
        clear_cookie(http, &mut response)?;
    }
    Ok(response)
}
