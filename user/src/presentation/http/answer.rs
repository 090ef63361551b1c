//! Successes as a client sees them.

use bytes::Bytes;
use dullahan_core::Context;
use http::{HeaderValue, Response, StatusCode, header};
use serde::Serialize;

use super::problem::Refusal;

/// What a body is, is what its content type says.
///
/// # Rule
///
/// ASVS 5.0 item 3.4.4.
pub(super) const NO_SNIFF: HeaderValue = HeaderValue::from_static("nosniff");

/// What a handler returns.
pub(super) type Answer = Result<Response<Bytes>, Refusal>;

/// An answer with a JSON body; it may hold a token or a user's data, so nobody may store it.
pub(super) fn json(status: StatusCode, body: &impl Serialize) -> Answer {
    let body = serde_json::to_vec(body).map_err(dullahan_core::Error::from)?;
    let mut response = Response::new(Bytes::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    Ok(response)
}

/// An answer without a body.
pub(super) fn no_content() -> Response<Bytes> {
    let mut response = Response::new(Bytes::new());
    *response.status_mut() = StatusCode::NO_CONTENT;
    let no_store = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, no_store);
    response.headers_mut().insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
    response
}

/// An answer that says nothing but that it was understood.
pub(super) fn accepted() -> Answer {
    json(StatusCode::ACCEPTED, &serde_json::json!({ "status": "accepted" }))
}

/// The answer with what listeners have put into its head. A status is that of a success, so none that a listener chose
/// before something failed covers the failure up.
pub(super) fn with_head_of(context: &Context, answer: Answer) -> Response<Bytes> {
    let head = context.response(std::mem::take);
    let mut response = match answer {
        Ok(mut response) => {
            *response.status_mut() = head.status.unwrap_or(response.status());
            response
        }
        Err(refusal) => refusal.into_problem().to_response(),
    };
    for (name, value) in &head.headers {
        response.headers_mut().append(name, value.clone());
    }
    response
}
