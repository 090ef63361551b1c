//! The contract as a `tower::Service`.

use std::{
    convert::Infallible,
    task::{Context, Poll},
};

use bytes::Bytes;
use dullahan_core::BoxFuture;
use http::{Request, Response};
use tower_service::Service;

use super::UserHttp;

/// The contract as a service, for whatever speaks tower. It never fails and is always ready.
///
/// ```
/// use bytes::Bytes;
/// use dullahan_core::Core;
/// use dullahan_user::presentation::http::{HttpSettings, UserHttp};
/// use tower_service::Service;
///
/// # pollster::block_on(async {
/// let mut service = UserHttp::new(Core::builder().build()?, HttpSettings::default())?;
/// let request = http::Request::get("/nowhere").body(Bytes::new())?;
/// let response = Service::call(&mut service, request).await?;
/// assert_eq!(response.status(), http::StatusCode::NOT_FOUND);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
impl Service<Request<Bytes>> for UserHttp {
    type Response = Response<Bytes>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<Bytes>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let users = self.clone();
        Box::pin(async move { Ok(UserHttp::call(&users, request).await) })
    }
}
