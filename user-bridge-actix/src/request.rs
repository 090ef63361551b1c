//! The head of a request, from actix-web's types to those of the crate `http`, whose version differs.

use actix_web::{HttpMessage, HttpRequest, http::Version};
use dullahan_user::presentation::http::{ClientAddress, PeerAddress};
use http::request::Parts;

/// The head of a request, with the whole path. What one version of the crate `http` has taken, the other one takes.
pub(crate) fn head_of(request: &HttpRequest) -> Parts {
    let uri = request.uri().path_and_query().map_or("/", |uri| uri.as_str());
    let mut head = http::Request::builder()
        .method(request.method().as_str())
        .uri(uri.parse::<http::Uri>().unwrap_or_default())
        .version(match request.version() {
            Version::HTTP_10 => http::Version::HTTP_10,
            Version::HTTP_2 => http::Version::HTTP_2,
            _ => http::Version::HTTP_11,
        });
    for (name, value) in request.headers() {
        head = head.header(name.as_str(), value.as_bytes());
    }
    if let Some(peer) = request.peer_addr() {
        head = head.extension(PeerAddress(peer.ip()));
    }
    if let Some(address) = request.extensions().get::<ClientAddress>() {
        head = head.extension(*address);
    }
    head.body(()).unwrap_or_default().into_parts().0
}
