//! `GET`, `PATCH /account`, `POST /account/removal` and `GET /account/export`

use std::sync::Arc;

use bytes::Bytes;
use dullahan_core::Context;
use http::{HeaderValue, StatusCode, header};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    UserHttp,
    answer::{Answer, json, no_content},
    body::read,
    guard,
    login::{self, PasswordBody},
    problem::ACCEPT_PATCH,
};
use crate::{
    domain::{AccountRequest, SessionTransport},
    port::{UserPersistManager, UserRetrievalManager},
};

/// What to change. A member that is missing stays as it is; `null` removes the value.
#[derive(Deserialize, ToSchema)]
pub(super) struct AccountBody {
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 100, required = false)]
    display_name: Option<Option<String>>,
    #[serde(default, deserialize_with = "present")]
    #[schema(
        value_type = Option<String>,
        max_length = 35,
        pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$",
        required = false
    )]
    locale: Option<Option<String>>,
    /// Members that the application has added.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Value>)]
    extra: Map<String, Value>,
}

/// A member that is there, be it `null`: that takes away what there is, as in a merge patch (RFC 7396).
fn present<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Option<String>>, D::Error> {
    Option::deserialize(deserializer).map(Some)
}

/// Shows the signed-in user's own account.
pub(super) async fn show(http: &UserHttp, context: &Context) -> Answer {
    let signed_in = guard::signed_in(http, context).await?;
    let account = http.users.account(context, signed_in.current.user.id).await?;
    let mut response = json(StatusCode::OK, &account)?;
    response.headers_mut().insert("accept-patch", ACCEPT_PATCH);
    Ok(response)
}

/// Changes the signed-in user's own account, and shows it as it is then.
pub(super) async fn update(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let signed_in = guard::signed_in_to_change(http, context).await?;
    let body: AccountBody = read(body)?;
    let request =
        AccountRequest { display_name: body.display_name, locale: body.locale, extra: body.extra };
    let user = http.users.update(context, signed_in.current.user.id, request).await?;
    json(StatusCode::OK, &http.users.serialize(context, user).await?)
}

/// Removes the signed-in user's own account.
pub(super) async fn remove(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let current = guard::signed_in_to_change(http, context).await?.current;
    let password = read::<PasswordBody>(body)?.password();
    let transport = current.session.transport;
    http.users.remove(context, current, Arc::new(password)).await?;
    let mut response = no_content();
    if transport == SessionTransport::Cookie {
        login::clear_cookie(http, &mut response)?;
    }
    Ok(response)
}

/// Gives the signed-in user a copy of all that is kept about them, as a file.
pub(super) async fn export(http: &UserHttp, context: &Context) -> Answer {
    let current = guard::signed_in(http, context).await?.current;
    let mut response = json(StatusCode::OK, &http.users.export(context, current).await?)?;
    let disposition = HeaderValue::from_static("attachment; filename=\"account.json\"");
    response.headers_mut().insert(header::CONTENT_DISPOSITION, disposition);
    Ok(response)
}
