//! An application on axum, as the tests of every bridge want it.

use std::{net::SocketAddr, path::Path, time::Duration};

use axum::{
    Extension, Router,
    extract::FromRef,
    middleware::from_fn_with_state,
    routing::{get, post},
};
use dullahan_user::{
    domain::Role,
    presentation::http::{ClientAddress, RequiredRole, UserHttp},
};
use dullahan_user_bridge_axum::{
    CurrentUser, OptionalUser, RecentlyAuthenticated, RequireRole, refuse_forged, require_role,
    require_user, router,
};
use http::StatusCode;
use tokio::{net::TcpListener, sync::oneshot, task::JoinHandle};

use crate::support::mount::Mount;

/// Which of the bridges this is, where they take turns.
pub(crate) const NUMBER: usize = 0;

/// A server that runs until it is dropped.
pub(crate) struct Server {
    task: Option<JoinHandle<()>>,
    stop: Option<oneshot::Sender<()>>,
}

#[derive(Clone, FromRef)]
struct AppState {
    users: UserHttp,
}

async fn hello(user: CurrentUser) -> String {
    format!("Hello, {}!", user.email.as_str())
}

async fn note(user: CurrentUser, text: String) -> (StatusCode, String) {
    (StatusCode::CREATED, format!("{} wrote: {text}", user.email.as_str()))
}

async fn front_page(OptionalUser(user): OptionalUser) -> String {
    user.map_or("nobody".to_owned(), |user| user.email.as_str().to_owned())
}

async fn danger(user: RecentlyAuthenticated<60>, again: CurrentUser) -> String {
    assert_eq!(user.0.session, again.session);
    format!("as you like, {}", user.email.as_str())
}

struct Admin;

impl RequiredRole for Admin {
    const ROLE: Role = Role::ADMIN;
}

async fn desk(admin: RequireRole<Admin>) -> String {
    format!("at your service, {}", admin.email.as_str())
}

async fn office(user: CurrentUser) -> String {
    format!("at your service, {}", user.email.as_str())
}

fn own_routes(users: &UserHttp) -> Router {
    let layer = |router: Router<AppState>| {
        router.route_layer(from_fn_with_state(users.clone(), require_user))
    };
    Router::new()
        .merge(layer(Router::new().route("/members", get(hello).post(async || "posted"))))
        .merge(
            Router::new()
                .route("/comments", post(async || "thank you").get(async || "all comments"))
                .route_layer(from_fn_with_state(users.clone(), refuse_forged)),
        )
        .merge(
            Router::new()
                .route("/office", get(office).post(async || "posted"))
                .route_layer(from_fn_with_state(users.clone(), require_role::<Admin>)),
        )
        .route("/desk", get(desk).post(desk))
        .route("/health", get(async || "well"))
        .route("/hello", get(hello))
        .route("/notes", post(note).delete(hello))
        .route("/front", get(front_page).post(front_page))
        .route("/danger", get(danger))
        .with_state(AppState { users: users.clone() })
}

impl Server {
    /// How long a request waits at the most where idle connections have all files that may be open.
    pub(crate) const MAKES_ROOM_WITHIN: Duration = Duration::from_secs(8);

    /// Serves the module and routes of the application's own.
    pub(crate) async fn start(
        users: UserHttp,
        mount: Mount,
        forwarded: Option<ClientAddress>,
    ) -> (Self, SocketAddr) {
        let own = own_routes(&users);
        let mut app = match mount {
            Mount::Merged => own.merge(router(users)),
            Mount::Nested => {
                own.nest(mount.prefix(), router(users.clone())).nest("/slash/", router(users))
            }
            Mount::WithFallback => own
                .merge(router(users))
                .fallback(async || (StatusCode::NOT_FOUND, "the application does not know it")),
        };
        if let Some(address) = forwarded {
            app = app.layer(Extension(address));
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let server = dullahan_user_bridge_axum::Server::new(listener, app);
            server.run_until(async { stopped.await.unwrap_or_default() }).await;
        });
        (Self { task: Some(task), stop: Some(stop) }, address)
    }

    /// Serves the module on a Unix socket, as the README shows.
    pub(crate) async fn start_on_socket(users: UserHttp, path: &Path) -> Self {
        let listener = tokio::net::UnixListener::bind(path).unwrap();
        let task = tokio::spawn(async move { axum::serve(listener, router(users)).await.unwrap() });
        Self { task: Some(task), stop: None }
    }

    /// Takes no more connections and ends when every answer is out.
    pub(crate) async fn stop(&mut self) {
        self.stop.take().unwrap().send(()).unwrap();
        self.task.take().unwrap().await.unwrap();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(task) = &self.task {
            task.abort();
        }
    }
}
