//! A problem as an axum response.

use axum::{
    body::Body,
    response::{IntoResponse, Response},
};
use dullahan_user::presentation::http::Problem;

/// A problem (RFC 9457) as an axum response.
#[derive(Debug)]
pub struct ProblemResponse(pub Problem);

impl IntoResponse for ProblemResponse {
    fn into_response(self) -> Response {
        self.0.to_response().map(Body::from)
    }
}

impl From<Problem> for ProblemResponse {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}
