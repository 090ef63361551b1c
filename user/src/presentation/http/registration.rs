//! `POST /auth/registration`

use bytes::Bytes;
use dullahan_core::Context;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::{
    Problem, UserHttp,
    answer::{Answer, json},
    body::{Password, read_past_violations},
};
use crate::{
    domain::{RegistrationRequest, RegistrationResponse},
    port::{UserPersistManager, UserRetrievalManager},
};

/// The account to register.
#[derive(Deserialize, ToSchema)]
pub(super) struct RegistrationBody {
    #[schema(format = Email, max_length = 254)]
    email: String,
    #[schema(value_type = String, format = Password, max_length = 4096)]
    password: Password,
    #[schema(max_length = 100)]
    display_name: Option<String>,
    /// The language of mails to the user. Without it, the language of `Accept-Language` is used.
    #[schema(max_length = 35, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
    locale: Option<String>,
    /// Members that the application has added.
    #[serde(default)]
    #[schema(value_type = BTreeMap<String, Value>)]
    extra: Map<String, Value>,
}

/// Registers a user: 202 for a free and a taken address alike.
///
/// A missing address or password is reported by the saga, together with what its listeners find wrong.
pub(super) async fn register(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let (body, violations) = read_past_violations::<RegistrationBody>(body)?;
    let body = match body {
        Some(body) if violations.iter().all(|violation| violation.code() == "required") => body,
        _ => return Err(Problem::invalid(violations).into()),
    };
    let is_missing = violations.iter().any(|violation| violation.pointer() == "/password");
    let password = (!is_missing).then(|| body.password.chosen("/password")).transpose();
    let password = password.map_err(Problem::invalid_member)?;
    let request = RegistrationRequest {
        email: body.email,
        password,
        display_name: body.display_name,
        locale: body.locale,
        extra: body.extra,
    };
    match http.users.register(context, request).await? {
        RegistrationResponse::Pending => json(StatusCode::ACCEPTED, &json!({"status": "pending"})),
        RegistrationResponse::Created(user) => {
            let user = http.users.serialize(context, user).await?;
            json(StatusCode::CREATED, &json!({"user": user}))
        }
    }
}
