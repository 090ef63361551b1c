//! The routes of a bridge.

use super::dullahan_user;

use bytes::Bytes;
use dullahan_core::Core;
use dullahan_user::presentation::http::{HttpSettings, PeerAddress, UserHttp};
use http_body_util::Full;

async fn timer(_: std::time::Duration) {
    std::future::pending().await
}

#[tokio::test]
async fn a_wrong_method_is_answered_on_every_path() -> Result<(), Box<dyn std::error::Error>> {
    let users = UserHttp::new(Core::builder().build()?, HttpSettings::default())?;
    for path in users.paths() {
        // The framework's own way to mount `path`, whose parameters are `{named}`.
        let mut request = http::Request::builder()
            .method(http::Method::PUT)
            .uri(path)
            .header("content-type", "application/json")
            .body(Full::new(Bytes::from_static(b"{}")))?;
        request.extensions_mut().insert(PeerAddress([192, 0, 2, 1].into()));
        let response = users.serve(request, timer).await;
        assert_eq!(response.status(), http::StatusCode::METHOD_NOT_ALLOWED);
    }
    Ok(())
}
