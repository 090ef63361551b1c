//! `POST /auth/activation`

use bytes::Bytes;
use dullahan_core::{Context, Violation};
use serde::Deserialize;
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    Problem, UserHttp,
    answer::{Answer, no_content},
    body::{Body, read},
};
use crate::port::UserPersistManager;

/// The token of a mail.
#[derive(Deserialize, ToSchema)]
pub(super) struct ActivationBody {
    #[schema(required, value_type = String)]
    token: Option<String>,
    #[serde(flatten)]
    #[schema(ignore)]
    unknown: Map<String, Value>,
}

impl Body for ActivationBody {
    fn unknown(&self) -> &Map<String, Value> {
        &self.unknown
    }
}

/// Activates the user of the token; nobody is signed in by it.
pub(super) async fn activate(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let body: ActivationBody = read(body)?;
    let Some(token) = body.token else {
        return Err(Problem::invalid(vec![Violation::new("/token", "required")]).into());
    };
    http.users.activate(context, token.trim().parse().ok()).await?;
    Ok(no_content())
}
