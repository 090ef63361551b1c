//! On axum.

use std::{io, net::SocketAddr};

use axum::{
    Router,
    extract::{FromRef, State},
    routing::{get, post},
};
use dullahan_core::Core;
use dullahan_user::presentation::http::UserHttp;
use dullahan_user_bridge_axum::{CurrentUser, router};
use http::{HeaderMap, StatusCode, header};

use crate::{
    Shared,
    greeting::{greet, greet_bare},
    statement::Statement,
    visitor::Visitors,
};

impl FromRef<Shared> for UserHttp {
    fn from_ref(shared: &Shared) -> Self {
        shared.users.clone()
    }
}

impl FromRef<Shared> for Core {
    fn from_ref(shared: &Shared) -> Self {
        shared.core.clone()
    }
}

impl FromRef<Shared> for Statement {
    fn from_ref(shared: &Shared) -> Self {
        shared.statement.clone()
    }
}

impl FromRef<Shared> for Visitors {
    fn from_ref(shared: &Shared) -> Self {
        shared.visitors.clone()
    }
}

async fn visitor(State(visitors): State<Visitors>) -> Result<String, StatusCode> {
    visitors.next().await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn hooked(State(core): State<Core>) -> Result<String, StatusCode> {
    greet(&core).await.map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)
}

async fn statement(
    State(statement): State<Statement>,
    headers: HeaderMap,
) -> Result<String, StatusCode> {
    let authorization = headers.get(header::AUTHORIZATION).map(|value| value.as_bytes());
    statement.email(authorization).await.ok_or(StatusCode::UNAUTHORIZED)
}

async fn session(user: CurrentUser) -> String {
    user.email.as_str().to_owned()
}

pub(crate) async fn serve(listener: std::net::TcpListener, shared: Shared) -> io::Result<()> {
    let document = shared.users.openapi().to_string();
    let app = Router::new()
        .route("/bare", get(async || greet_bare()))
        .route("/hooked", get(hooked))
        .route("/statement", get(statement))
        .route("/session", get(session))
        .route("/visitor", post(visitor))
        .route("/document", get(async move || document))
        .nest("/api", router(shared.users.clone()))
        .with_state(shared);
    listener.set_nonblocking(true)?;
    let listener = tokio::net::TcpListener::from_std(listener)?;
    axum::serve(listener, app.into_make_service_with_connect_info::<SocketAddr>()).await
}
