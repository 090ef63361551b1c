//! Layers for the application's own routes, which protect them as the module's are.

use axum::{
    extract::{Request, State},
    middleware::Next,
    response::{IntoResponse, Response},
};
use dullahan_user::presentation::http::{RequiredRole, Requirement, UserHttp};

use crate::{extract::visitor, respond::ProblemResponse};

/// Lets only signed-in users pass; a layer by `middleware::from_fn_with_state(users, require_user)`.
///
/// ```
/// use axum::{Router, middleware::from_fn_with_state, routing::get};
/// use dullahan_user::presentation::http::UserHttp;
/// use dullahan_user_bridge_axum::require_user;
///
/// fn members(users: UserHttp) -> Router {
///     Router::new()
///         .route("/members", get(|| async { "welcome" }))
///         .route_layer(from_fn_with_state(users, require_user))
/// }
/// ```
pub async fn require_user(State(users): State<UserHttp>, request: Request, next: Next) -> Response {
    pass_if(&users, request, next, Requirement::User).await
}

/// Lets only users pass who hold this role; a layer by `middleware::from_fn_with_state(users, require_role::<Admin>)`.
///
/// ```
/// use axum::{Router, middleware::from_fn_with_state, routing::get};
/// use dullahan_user::{
///     domain::Role,
///     presentation::http::{RequiredRole, UserHttp},
/// };
/// use dullahan_user_bridge_axum::require_role;
///
/// struct Admin;
///
/// impl RequiredRole for Admin {
///     const ROLE: Role = Role::ADMIN;
/// }
///
/// fn office(users: UserHttp) -> Router {
///     Router::new()
///         .route("/office", get(|| async { "welcome" }))
///         .route_layer(from_fn_with_state(users, require_role::<Admin>))
/// }
/// ```
pub async fn require_role<R: RequiredRole>(
    State(users): State<UserHttp>,
    request: Request,
    next: Next,
) -> Response {
    pass_if(&users, request, next, Requirement::Role(R::ROLE)).await
}

/// Refuses what another site's page may have sent, whoever is signed in or not; a layer by
/// `middleware::from_fn_with_state(users, refuse_forged)`.
///
/// For routes that change something without asking for [`CurrentUser`](crate::CurrentUser), which does the
/// same. Methods that change nothing pass.
pub async fn refuse_forged(
    State(users): State<UserHttp>,
    request: Request,
    next: Next,
) -> Response {
    pass_if(&users, request, next, Requirement::NotForged).await
}

async fn pass_if(
    users: &UserHttp,
    request: Request,
    next: Next,
    requirement: Requirement,
) -> Response {
    let (mut parts, body) = request.into_parts();
    let visitor = visitor(users, &mut parts).await;
    let mut response = match visitor.check(&requirement).await {
        Ok(()) => next.run(Request::from_parts(parts, body)).await,
        Err(problem) => ProblemResponse(problem).into_response(),
    };
    visitor.add_headers_to(response.headers_mut());
    response
}
