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
    body::{Body, Password, read},
};
use crate::{
    domain::{RegistrationRequest, RegistrationResponse},
    port::{UserPersistManager, UserRetrievalManager},
};

/// What a registration asks for.
#[derive(Deserialize, ToSchema)]
pub(super) struct RegistrationBody {
    #[schema(required, value_type = String, format = Email, max_length = 254)]
    email: Option<String>,
    #[schema(required, value_type = String, format = Password, max_length = 4096)]
    password: Option<Password>,
    #[schema(max_length = 100)]
    display_name: Option<String>,
    /// The language to be written to in; if it is not said, that of `Accept-Language` counts.
    #[schema(max_length = 35, pattern = "^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$")]
    locale: Option<String>,
    /// Members that listeners of the application take.
    #[serde(default)]
    #[schema(value_type = Object)]
    extra: Map<String, Value>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Map<String, Value>,
}

impl Body for RegistrationBody {
    fn unknown(&self) -> &Map<String, Value> {
        &self.unknown
    }
}

/// Registers whoever asks: 202 for a free and a taken address alike.
pub(super) async fn register(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let body: RegistrationBody = read(body)?;
    let password = body.password.map(|password| password.chosen("/password")).transpose();
    let password = password.map_err(|violation| Problem::invalid(vec![violation]))?;
    let request = RegistrationRequest {
        email: body.email.unwrap_or_default(),
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
