//! The closed classification of everything that can go wrong.

use serde::Serialize;

/// What kind of failure an [`Error`](crate::Error) is.
///
/// The list is closed on purpose: a bridge matches it without a `_` arm, holds the only table from kind to
/// status, and cannot forget a case.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ErrorKind {
    /// The request was understood and its content is not acceptable; the violations say why.
    Invalid,
    /// Nobody is signed in, or the credentials are wrong.
    Unauthenticated,
    /// Somebody is signed in and may not do this.
    Forbidden,
    /// There is no such thing, or the caller may not know of it.
    NotFound,
    /// The request contradicts what is stored.
    Conflict,
    /// The caller has to slow down.
    TooManyRequests,
    /// A part that is needed does not answer just now; trying again later may work.
    Unavailable,
    /// A defect or an unforeseen failure. Nothing of it reaches a client.
    Internal,
}

impl ErrorKind {
    /// The stable code of a failure that gave none of its own, such as `not_found`.
    pub const fn default_code(self) -> &'static str {
        match self {
            Self::Invalid => "invalid",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::Conflict => "conflict",
            Self::TooManyRequests => "too_many_requests",
            Self::Unavailable => "unavailable",
            Self::Internal => "internal",
        }
    }

    /// A sentence for a client that says no more than the kind itself does.
    pub const fn default_message(self) -> &'static str {
        match self {
            Self::Invalid => "the request is not acceptable",
            Self::Unauthenticated => "authentication is required",
            Self::Forbidden => "this is not allowed",
            Self::NotFound => "there is no such resource",
            Self::Conflict => "the request conflicts with the current state",
            Self::TooManyRequests => "too many requests",
            Self::Unavailable => "the service is unavailable for the moment",
            Self::Internal => "an internal error occurred",
        }
    }
}
