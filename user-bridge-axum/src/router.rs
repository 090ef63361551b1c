//! The routes of the contract, as a router to nest anywhere.

use std::net::SocketAddr;

use axum::{
    Router,
    body::{Body, Bytes, HttpBody as _},
    extract::{ConnectInfo, NestedPath, OriginalUri, Request, State},
    response::Response,
    routing::any,
};
use dullahan_user::presentation::http::{PeerAddress, UserHttp, below_mount};
use http::{Extensions, header};
use http_body_util::BodyExt as _;
use tokio::time::{sleep, timeout};

/// The routes of the contract, as a router to [nest](Router::nest) under any path, or to
/// [merge](Router::merge) at the root.
///
/// What is not found below it, and a wrong method, get a problem response as well: its fallback is the
/// contract's, which at the root is the application's too, unless it sets one of its own after merging. It
/// reads no body beyond the limits of its settings. The client's address is known if the server was started
/// with [`serve`](crate::serve) or `into_make_service_with_connect_info::<SocketAddr>()`; behind a proxy, the settings say which
/// [proxies](dullahan_user::presentation::http::HttpSettings::trusted_proxies) are trusted.
///
/// ```
/// use axum::{Router, routing::get};
/// use dullahan_core::Core;
/// use dullahan_user::presentation::http::{HttpSettings, UserHttp};
/// use dullahan_user_bridge_axum::router;
///
/// let users = UserHttp::new(Core::builder().build()?, HttpSettings::default())?;
/// let app: Router = Router::new()
///     .route("/health", get(|| async { "well" }))
///     .nest("/api", router(users));
/// # Ok::<(), Box<dyn std::error::Error>>(())
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
    let waits = request.headers().contains_key(header::EXPECT);
    let (head, mut body) = request.into_parts();
    let response = users.serve(Request::from_parts(head, &mut body), sleep).await;
    let closes = response.headers().contains_key(header::CONNECTION);
    if !waits && !closes && !body.is_end_stream() {
        tokio::spawn(timeout(users.settings().body_timeout, read_on(body)));
    }
    response.map(Body::from)
}

/// Reads what a client still sends of a body that was refused, up to a limit. hyper would close the connection instead,
/// and a client that is still sending then gets a reset before it has read the answer.
async fn read_on(mut body: Body) {
    const MOST_BYTES: usize = 64 << 20;
    let mut left = MOST_BYTES;
    while let Some(Ok(frame)) = body.frame().await {
        let Some(less) = left.checked_sub(frame.data_ref().map_or(0, Bytes::len)) else { return };
        left = less;
    }
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
