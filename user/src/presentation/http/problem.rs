//! Failures as a client sees them: RFC 9457 problem details.

use std::{borrow::Cow, fmt, time::Duration};

use bytes::Bytes;
use dullahan_core::{Error, ErrorKind, Violation};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode, header};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::{answer::NO_SNIFF, guard::InvalidBearerToken};
use crate::application::{ReauthenticationRequired, reauthentication_required};

/// A failure as a client sees it.
///
/// It is made of what is meant for clients, and of nothing else. An internal failure says only an identifier,
/// under which the log has the rest.
///
/// # Rule
///
/// RFC 9457. `type` is `about:blank`, so `title` is the phrase of the status; `code` is what a program reads.
#[derive(Debug, Clone, Serialize)]
#[serde(transparent)]
pub struct Problem(Box<Details>);

/// A failure (RFC 9457).
// In a box, as most results hold none.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Problem)]
pub(super) struct Details {
    /// `about:blank`: `code` says what kind of problem it is.
    #[serde(rename = "type")]
    #[schema(value_type = String)]
    kind: &'static str,
    /// The phrase of the status.
    #[schema(value_type = String)]
    title: &'static str,
    #[serde(serialize_with = "as_number")]
    #[schema(value_type = u16)]
    status: StatusCode,
    #[schema(value_type = String)]
    code: Cow<'static, str>,
    /// What went wrong, for a developer to read.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String)]
    detail: Option<Cow<'static, str>>,
    /// Identifies the failure in the service's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = String, required = false)]
    id: Option<String>,
    /// What is wrong with members of the body.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(value_type = Vec<Object>, required = false)]
    errors: Vec<Violation>,
    /// At least how many more violations there are than `errors` lists.
    #[serde(skip_serializing_if = "is_zero")]
    #[schema(required = false)]
    more_errors: usize,
    #[serde(skip)]
    #[schema(ignore)]
    headers: HeaderMap,
}

/// What a `PATCH` takes.
///
/// # Rule
///
/// RFC 5789 section 3.1 and, for 415, section 2.2.
pub(super) const ACCEPT_PATCH: HeaderValue =
    HeaderValue::from_static("application/merge-patch+json, application/json");

/// The only table from fault to status.
fn status_of(fault: ErrorKind) -> StatusCode {
    match fault {
        ErrorKind::Invalid => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorKind::Unauthenticated => StatusCode::UNAUTHORIZED,
        ErrorKind::Forbidden => StatusCode::FORBIDDEN,
        ErrorKind::NotFound => StatusCode::NOT_FOUND,
        ErrorKind::Conflict => StatusCode::CONFLICT,
        ErrorKind::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
        ErrorKind::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorKind::Internal => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// # Rule
///
/// RFC 6750 section 3; RFC 9470 section 3 where an older authentication does not do.
fn challenge(error: &Error) -> HeaderValue {
    let Some(source) = error.source() else {
        return HeaderValue::from_static("Bearer");
    };
    if source.is::<InvalidBearerToken>() {
        return HeaderValue::from_static("Bearer error=\"invalid_token\"");
    }
    let Some(ReauthenticationRequired { max_age }) = source.downcast_ref() else {
        return HeaderValue::from_static("Bearer");
    };
    let challenge = format!(
        "Bearer error=\"insufficient_user_authentication\", \
         error_description=\"prove again who you are\", max_age=\"{}\"",
        max_age.as_secs()
    );
    HeaderValue::from_str(&challenge).unwrap_or(HeaderValue::from_static("Bearer"))
}

impl Problem {
    /// How many violations an answer lists at most.
    pub(super) const MOST_ERRORS: usize = 50;

    fn new(
        status: StatusCode,
        code: impl Into<Cow<'static, str>>,
        detail: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self(Box::new(Details {
            kind: "about:blank",
            title: status.canonical_reason().unwrap_or("Error"),
            status,
            code: code.into(),
            detail: Some(detail.into()),
            id: None,
            errors: Vec::new(),
            more_errors: 0,
            headers: HeaderMap::new(),
        }))
    }

    /// The problem that an error of a dispatch is to a client; what is not for a client goes to the log.
    pub fn of(error: &Error) -> Self {
        let status = status_of(error.kind());
        let mut problem = Self::new(status, error.code().to_owned(), error.message().to_owned());
        problem.list(error.violations().iter().cloned());
        match error.kind() {
            ErrorKind::Internal | ErrorKind::Unavailable => {
                let id = uuid::Uuid::now_v7().to_string();
                tracing::error!(id, %error, "a request failed");
                problem.0.id = Some(id);
            }
            ErrorKind::Unauthenticated => {
                problem.0.headers.insert(header::WWW_AUTHENTICATE, challenge(error));
            }
            ErrorKind::Invalid
            | ErrorKind::Forbidden
            | ErrorKind::NotFound
            | ErrorKind::Conflict
            | ErrorKind::TooManyRequests => {}
        }
        let wait = match (error.retry_after(), error.kind()) {
            (None, ErrorKind::TooManyRequests | ErrorKind::Unavailable) => {
                Some(Duration::from_secs(1))
            }
            (wait, _) => wait,
        };
        if let Some(wait) = wait {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            problem.0.headers.insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
        }
        problem
    }

    /// There is no such route.
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found", "there is no such resource")
    }

    /// The route has other methods.
    pub fn method_not_allowed(allowed: &[Method]) -> Self {
        let mut problem = Self::new(
            StatusCode::METHOD_NOT_ALLOWED,
            "method_not_allowed",
            "the resource does not have this method",
        );
        let names: Vec<_> = allowed.iter().map(Method::as_str).collect();
        if let Ok(value) = HeaderValue::from_str(&names.join(", ")) {
            problem.0.headers.insert(header::ALLOW, value);
        }
        if allowed.contains(&Method::PATCH) {
            problem.0.headers.insert("accept-patch", ACCEPT_PATCH);
        }
        problem
    }

    /// Nobody is signed in.
    pub(super) fn unauthenticated() -> Self {
        Self::of(&Error::new(ErrorKind::Unauthenticated))
    }

    /// The user has to prove anew who they are.
    pub(super) fn reauthentication_required(max_age: Duration) -> Self {
        Self::of(&reauthentication_required(max_age))
    }

    /// The answer took longer than the settings allow.
    pub(super) fn timed_out() -> Self {
        Self::of(&Error::new(ErrorKind::Unavailable).with_code("deadline_exceeded"))
    }

    /// The answer took longer than the settings allow, and part of the request is stored or is being stored.
    pub(super) fn outcome_unknown() -> Self {
        let error = Error::new(ErrorKind::Unavailable).with_code("outcome_unknown").with_message(
            "the request is still being finished; check its effect before you send it again",
        );
        let mut problem = Self::of(&error);
        problem.0.headers.remove(header::RETRY_AFTER);
        problem
    }

    /// The body did not come in within its time. Nothing further can be read from the connection.
    ///
    /// # Rule
    ///
    /// RFC 9110 section 15.5.9.
    pub(super) fn body_timed_out() -> Self {
        let mut problem = Self::new(
            StatusCode::REQUEST_TIMEOUT,
            "request_timeout",
            "the body did not come in within its time",
        );
        problem.0.headers.insert(header::CONNECTION, HeaderValue::from_static("close"));
        problem
    }

    /// The body is larger than the limit.
    pub(super) fn too_large(limit: usize) -> Self {
        Self::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            "too_large",
            format!("the body has more than {limit} bytes"),
        )
    }

    /// The body could not be read to its end.
    pub(super) fn unreadable() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "unreadable", "the body could not be read to its end")
    }

    /// The body is not JSON by its content type.
    pub(super) fn unsupported_media_type(method: &Method) -> Self {
        let mut problem = Self::new(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "unsupported_media_type",
            "the content type has to be application/json",
        );
        if method == Method::PATCH {
            problem.0.headers.insert("accept-patch", ACCEPT_PATCH);
        }
        problem
    }

    /// The body is not JSON by its content.
    pub(super) fn malformed(detail: String) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "malformed", detail)
    }

    /// Members of the body are not what they have to be.
    pub(super) fn invalid(errors: Vec<Violation>) -> Self {
        let fault = ErrorKind::Invalid;
        let mut problem =
            Self::new(status_of(fault), fault.default_code(), fault.default_message());
        problem.list(errors.into_iter());
        problem
    }

    /// One member of the body is not what it has to be.
    pub(super) fn invalid_member(error: Violation) -> Self {
        Self::invalid(vec![error])
    }

    /// Lists as many violations as an answer may have, and counts the others: a small request must not have a large answer.
    fn list(&mut self, mut errors: impl ExactSizeIterator<Item = Violation>) {
        self.0.errors = errors.by_ref().take(Self::MOST_ERRORS).collect();
        self.0.more_errors = errors.len();
    }

    /// What a problem with this status may look like.
    pub(super) fn example(status: u16) -> Value {
        let faults = [
            ErrorKind::Invalid,
            ErrorKind::Unauthenticated,
            ErrorKind::Forbidden,
            ErrorKind::NotFound,
            ErrorKind::Conflict,
            ErrorKind::TooManyRequests,
            ErrorKind::Unavailable,
            ErrorKind::Internal,
        ];
        let problem = match status {
            400 => Self::malformed("the body is not JSON: line 1, column 2".to_owned()),
            408 => Self::body_timed_out(),
            413 => Self::too_large(64 * 1024),
            415 => Self::unsupported_media_type(&Method::POST),
            _ => {
                let fault = faults.into_iter().find(|fault| status_of(*fault) == status);
                let fault = fault.unwrap_or(ErrorKind::Internal);
                Self::new(status_of(fault), fault.default_code(), fault.default_message())
            }
        };
        json!(problem)
    }

    /// The status.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// The stable code.
    pub fn code(&self) -> &str {
        &self.0.code
    }

    /// The problem as a response.
    pub fn to_response(&self) -> Response<Bytes> {
        let body = serde_json::to_vec(self).unwrap_or_default();
        let mut response = Response::new(Bytes::from(body));
        *response.status_mut() = self.0.status;
        let headers = response.headers_mut();
        headers.extend(self.0.headers.clone());
        let content_type = HeaderValue::from_static("application/problem+json");
        headers.insert(header::CONTENT_TYPE, content_type);
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert(header::X_CONTENT_TYPE_OPTIONS, NO_SNIFF);
        response
    }
}

/// Shows the code, which is meant for programs and logs.
impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Problem {}

/// Every handler gives a problem through `?` where it met one itself, and an error where a dispatch did.
pub(super) enum Refusal {
    Problem(Problem),
    Error(Error),
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        Self::Problem(problem)
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Error(error)
    }
}

impl Refusal {
    pub(super) fn into_problem(self) -> Problem {
        match self {
            Self::Problem(problem) => problem,
            Self::Error(error) => Problem::of(&error),
        }
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

fn as_number<S: serde::Serializer>(status: &StatusCode, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_u16(status.as_u16())
}
