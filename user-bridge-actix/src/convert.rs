//! Requests and responses between actix-web's types and those of the crate `http`, whose version differs.

use std::{
    pin::Pin,
    task::{Context, Poll},
};

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    error::PayloadError,
    http::{
        StatusCode, Version,
        header::{self, HeaderName, HeaderValue},
    },
    web::Payload,
};
use bytes::Bytes;
use dullahan_user::presentation::http::{ClientAddress, PeerAddress};
use futures_core::Stream;
use http::request::Parts;
use http_body::{Body, Frame};

/// The head of a request, with this path instead of its own where the contract is mounted below another.
pub(crate) fn head_of(request: &HttpRequest, path: &str) -> Parts {
    let mut parts = http::Request::<()>::default().into_parts().0;
    let query = request.uri().query().map(|query| format!("?{query}")).unwrap_or_default();
    parts.uri = format!("{path}{query}").parse().unwrap_or_default();
    let method = request.method().as_str().as_bytes();
    parts.method = http::Method::from_bytes(method).unwrap_or_default();
    parts.version = match request.version() {
        Version::HTTP_10 => http::Version::HTTP_10,
        Version::HTTP_2 => http::Version::HTTP_2,
        _ => http::Version::HTTP_11,
    };
    for (name, value) in request.headers() {
        let name = http::HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, http::HeaderValue::from_bytes(value.as_bytes())) {
            parts.headers.append(name, value);
        }
    }
    if let Some(peer) = request.peer_addr() {
        parts.extensions.insert(PeerAddress(peer.ip()));
    }
    if let Some(address) = request.extensions().get::<ClientAddress>() {
        parts.extensions.insert(*address);
    }
    parts
}

/// A response of the contract as one of actix-web, which keeps the body of the request until it is sent:
/// otherwise actix-web would read one that comes in chunks to its end, if it ever has one.
pub(crate) fn response_of(
    response: http::Response<Bytes>,
    request_body: Option<Payload>,
) -> HttpResponse {
    let (head, body) = response.into_parts();
    let status = StatusCode::from_u16(head.status.as_u16());
    let mut builder = HttpResponse::build(status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR));
    for (name, value) in headers_of(&head.headers) {
        builder.append_header((name, value));
    }
    if head.headers.contains_key(http::header::CONNECTION) {
        builder.force_close();
    }
    let length = head.headers.get(http::header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse().ok());
    builder.body(BoxBody::new(Outgoing {
        length: length.unwrap_or(body.len() as u64),
        body: Some(body).filter(|body| !body.is_empty()),
        _request_body: request_body,
    }))
}

/// Headers as pairs of actix-web.
pub(crate) fn headers_of(
    headers: &http::HeaderMap,
) -> impl Iterator<Item = (HeaderName, HeaderValue)> {
    headers.iter().filter(|(name, _)| *name != header::CONTENT_LENGTH.as_str()).filter_map(
        |(name, value)| {
            let name = HeaderName::from_bytes(name.as_str().as_bytes()).ok()?;
            Some((name, HeaderValue::from_bytes(value.as_bytes()).ok()?))
        },
    )
}

/// The body of a response. That of an answer to `HEAD` has a length, and is not there.
struct Outgoing {
    length: u64,
    body: Option<Bytes>,
    _request_body: Option<Payload>,
}

impl MessageBody for Outgoing {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(self.body.take().map(Ok))
    }
}

/// The body of a request, as it comes in.
pub(crate) struct Incoming<'a>(pub(crate) &'a mut Payload);

impl Body for Incoming<'_> {
    type Data = Bytes;
    type Error = PayloadError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, PayloadError>>> {
        let chunk = Pin::new(&mut *self.0).poll_next(context);
        chunk.map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}
