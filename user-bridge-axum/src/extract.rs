//! Whoever sent a request, as extractors for the application's own routes.

use axum::extract::{FromRef, FromRequestParts};
use dullahan_user::presentation::http::{FromVisitor, UserHttp, Visitor};
use http::request::Parts;

use crate::{respond::ProblemResponse, router::note_peer};

/// Whoever sent the request, which is found out once for all extractors and layers.
pub(crate) async fn visitor(users: &UserHttp, parts: &mut Parts) -> Visitor {
    note_peer(&mut parts.extensions);
    users.visitor_of(parts).await
}

macro_rules! extractor {
    ([$($generic:tt)*] $Extractor:ty) => {
        impl<$($generic)* S> FromRequestParts<S> for $Extractor
        where
            UserHttp: FromRef<S>,
            S: Send + Sync,
        {
            type Rejection = ProblemResponse;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
                let visitor = visitor(&UserHttp::from_ref(state), parts).await;
                Self::from_visitor(&visitor).await.map_err(ProblemResponse)
            }
        }
    };
}

dullahan_user::extractors! {
    extractor
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
}
