//! The routes of the contract, as a router to nest anywhere.

use std::net::SocketAddr;

use axum::{
    Router,
    body::Body,
    extract::{ConnectInfo, NestedPath, OriginalUri, Request, State},
    response::Response,
    routing::any,
};
use dullahan_user::presentation::http::{PeerAddress, UserHttp, below_mount};
use http::Extensions;
use tokio::time::sleep;

/// The routes of the contract, as a router to [nest](Router::nest) under any path, or to
/// [merge](Router::merge) at the root.
///
/// What is not found below it, and a wrong method, get a problem response as well: its fallback is the
/// contract's, which at the root is the application's too, unless it sets one of its own after merging. It
/// reads no body beyond the limits of its settings. The client's address is known if the server was started
/// with `into_make_service_with_connect_info::<SocketAddr>()`; behind a proxy, the settings say which
/// [proxies](dullahan_user::presentation::http::HttpSettings::trusted_proxies) are trusted.
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
    let mount = |router: Router<UserHttp>, path| router.route(path, any(answer));
    users.paths().fold(Router::new(), mount).fallback(answer).with_state(users)
}

async fn answer(State(users): State<UserHttp>, mut request: Request) -> Response {
    // What axum leaves of a path below another is not always the rest of it: it drops an empty segment.
    let extensions = request.extensions();
    if let Some(nested) = extensions.get::<NestedPath>()
        && let Some(OriginalUri(original)) = extensions.get()
    {
        let segments = segments_of(original.path())
            .saturating_sub(segments_of(nested.as_str().trim_end_matches('/')));
        *request.uri_mut() = below_mount(original, segments);
    }
    note_peer(request.extensions_mut());
    users.serve(request, sleep).await.map(Body::from)
}

fn segments_of(path: &str) -> usize {
    path.matches('/').count()
}

/// Tells the contract where the connection comes from, if the server keeps it.
pub(crate) fn note_peer(extensions: &mut Extensions) {
    if let Some(ConnectInfo(address)) = extensions.get::<ConnectInfo<SocketAddr>>() {
        let peer = PeerAddress(address.ip());
        extensions.insert(peer);
    }
}
