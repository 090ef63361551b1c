//! A problem as an error of actix-web.

use std::fmt;

use actix_web::{HttpResponse, ResponseError, http::StatusCode};
use dullahan_user::presentation::http::Problem;

use crate::convert::response_of;

/// A problem (RFC 9457) as an error of actix-web, which answers with it.
#[derive(Debug)]
pub struct ProblemError(pub Problem);

impl fmt::Display for ProblemError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.code())
    }
}

impl ResponseError for ProblemError {
    fn status_code(&self) -> StatusCode {
        StatusCode::from_u16(self.0.status().as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }

    fn error_response(&self) -> HttpResponse {
        response_of(self.0.to_response(), None)
    }
}

impl From<Problem> for ProblemError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}
