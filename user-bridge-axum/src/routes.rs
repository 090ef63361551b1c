//! The routes of the contract, as a router to nest anywhere.

use std::collections::BTreeSet;

use axum::{
    Router,
    body::{Body, HttpBody},
    extract::{Request, State},
    response::{IntoResponse, Response},
    routing::any,
};
use bytes::Bytes;
use dullahan_user::presentation::http::{Problem, UserHttp};
use http::Method;
use http_body_util::{BodyExt, LengthLimitError, Limited};

use crate::{client_address::client_address, respond::ProblemResponse};

/// The routes of the contract, as a router to [nest](Router::nest) under any path, or to
/// [merge](Router::merge) at the root.
///
/// What is not found below it, and a wrong method, get a problem response as well: its fallback is the
/// contract's, which at the root is the application's too, unless it sets one of its own after merging. It
/// reads no body beyond the limit of its settings. The client's address is known if the server was started
/// with `into_make_service_with_connect_info::<SocketAddr>()`. An application behind a proxy says the address
/// itself, by an extension [`ClientAddress`](dullahan_user::presentation::http::ClientAddress) of the request.
///
/// ```
/// use axum::{Router, routing::get};
/// use dullahan_core::Core;
/// use dullahan_user::presentation::http::{HttpSettings, UserHttp};
/// use dullahan_user_bridge_axum::router;
///
/// let users = UserHttp::new(Core::builder().build()?, HttpSettings::default());
/// let app: Router = Router::new()
///     .route("/health", get(|| async { "well" }))
///     .nest("/api", router(users));
/// # Ok::<(), dullahan_core::BuildError>(())
/// ```
pub fn router<S: Clone + Send + Sync + 'static>(users: UserHttp) -> Router<S> {
    let paths: BTreeSet<_> = users.routes().iter().map(|route| route.path).collect();
    paths
        .into_iter()
        .fold(Router::new(), |router, path| router.route(path, any(answer)))
        .fallback(answer)
        .with_state(users)
}

/// Answers a request, once its body is there.
async fn answer(State(users): State<UserHttp>, request: Request) -> Response {
    let (mut head, body) = request.into_parts();
    if let Some(address) = client_address(&head.extensions) {
        head.extensions.insert(address);
    }
    match read(&head.method, body, users.settings().body_limit).await {
        Ok(body) => users.call(Request::from_parts(head, body)).await.map(Body::from),
        Err(problem) => ProblemResponse(problem).into_response(),
    }
}

/// Reads a body within the limit, where the method is one that has a body.
async fn read(method: &Method, body: Body, limit: usize) -> Result<Bytes, Problem> {
    if matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS) {
        return Ok(Bytes::new());
    }
    // One that says that it is larger is not asked for: its client may wait for `100 Continue`.
    if usize::try_from(body.size_hint().lower()).map_or(true, |length| length > limit) {
        return Err(Problem::too_large(limit));
    }
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(Problem::too_large(limit)),
        Err(_) => Err(Problem::unreadable()),
    }
}
