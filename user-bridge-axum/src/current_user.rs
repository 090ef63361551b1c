//! The signed-in user, as an extractor.

use std::ops::Deref;

use axum::extract::{FromRef, FromRequestParts};
use dullahan_core::Context;
use dullahan_user::{domain::User, presentation::http::UserHttp};
use http::request::Parts;

use crate::{client_address::client_address, respond::ProblemResponse};

/// The signed-in user, as an extractor for an application's own routes.
///
/// Without a live session the answer is a problem response, 401. A route that changes something is guarded
/// against forged requests as the module's own are: with a cookie session it takes the CSRF token.
///
/// ```
/// use axum::{Router, extract::FromRef, routing::get};
/// use dullahan_user::presentation::http::UserHttp;
/// use dullahan_user_bridge_axum::CurrentUser;
///
/// #[derive(Clone, FromRef)]
/// struct AppState {
///     users: UserHttp,
/// }
///
/// async fn hello(user: CurrentUser) -> String {
///     format!("Hello, {}!", user.email.as_str())
/// }
///
/// let app: Router<AppState> = Router::new().route("/hello", get(hello));
/// ```
#[derive(Debug, Clone)]
pub struct CurrentUser(pub User);

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0
    }
}

impl<S> FromRequestParts<S> for CurrentUser
where
    UserHttp: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = ProblemResponse;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
        let users = UserHttp::from_ref(state);
        let address = client_address(&parts.extensions).map(|address| address.0);
        let context = Context::of_request(parts.clone(), address);
        let current = users.current_session(&context).await.map_err(ProblemResponse)?;
        Ok(Self(current.user))
    }
}
