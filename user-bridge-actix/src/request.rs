//! The head of a request, from actix-web's types to those of the crate `http`, whose version differs.

use actix_web::{HttpMessage, HttpRequest, http::Version};
use dullahan_user::presentation::http::{ClientAddress, PeerAddress};
use http::{HeaderName, HeaderValue, request::Parts};

/// The head of a request, with the whole path. What one version of the crate `http` has taken, the other one takes.
pub(crate) fn head_of(request: &HttpRequest) -> Parts {
    let (mut head, ()) = http::Request::new(()).into_parts();
    head.method = request.method().as_str().parse().unwrap_or_default();
    let uri = request.uri().path_and_query();
    head.uri = uri.and_then(|uri| uri.as_str().parse().ok()).unwrap_or_default();
    head.version = match request.version() {
        Version::HTTP_10 => http::Version::HTTP_10,
        Version::HTTP_2 => http::Version::HTTP_2,
        _ => http::Version::HTTP_11,
    };
    head.headers.reserve(request.headers().len());
    for (name, value) in request.headers() {
        let name = HeaderName::from_bytes(name.as_str().as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            head.headers.append(name, value);
        }
    }
    if let Some(peer) = request.peer_addr() {
        head.extensions.insert(PeerAddress(peer.ip()));
    }
    if let Some(address) = request.extensions().get::<ClientAddress>() {
        head.extensions.insert(*address);
    }
    head
}
