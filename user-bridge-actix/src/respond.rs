//! What the contract answers with, as actix-web's types.

use std::{any::Any, convert::Infallible};

use actix_web::{
    HttpResponse, ResponseError,
    body::SizedStream,
    http::{
        StatusCode,
        header::{HeaderName, HeaderValue, TryIntoHeaderPair},
    },
};
use bytes::Bytes;
use dullahan_user::presentation::http::Problem;
use futures_util::stream::{self, StreamExt};
use http::{HeaderMap, Response, header};

/// A problem (RFC 9457) as an error of actix-web, which answers with it.
#[derive(Debug, thiserror::Error)]
#[error(transparent)]
pub struct ProblemError(#[from] pub Problem);

impl ResponseError for ProblemError {
    fn status_code(&self) -> StatusCode {
        status_of(self.0.status())
    }

    fn error_response(&self) -> HttpResponse {
        response_of(self.0.to_response(), ())
    }
}

/// A response of the contract as one of actix-web, which keeps something until it is sent: the body of the request,
/// since actix-web would otherwise read one that comes in chunks to its end, if it ever has one.
///
/// The answer to `HEAD` has the length of a body that is not there.
pub(crate) fn response_of(response: Response<Bytes>, kept: impl Any) -> HttpResponse {
    let (mut head, body) = response.into_parts();
    let length = head.headers.remove(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    let length = length.unwrap_or(body.len() as u64);
    let mut builder = HttpResponse::build(status_of(head.status));
    for header in headers_of(&head.headers) {
        builder.append_header(header);
    }
    if head.headers.contains_key(header::CONNECTION) {
        builder.force_close();
    }
    let chunks = stream::iter([body]).map(move |chunk| {
        let _until_then = &kept;
        Ok::<_, Infallible>(chunk)
    });
    builder.body(SizedStream::new(length, chunks))
}

/// Headers as pairs of actix-web.
pub(crate) fn headers_of(headers: &HeaderMap) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    let pairs = headers.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    pairs.filter_map(|pair| pair.try_into_pair().ok())
}

fn status_of(status: http::StatusCode) -> StatusCode {
    StatusCode::from_u16(status.as_u16()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}
