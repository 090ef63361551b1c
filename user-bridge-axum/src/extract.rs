//! Whoever sent a request, as extractors for the application's own routes.

use std::{ops::Deref, time::Duration};

use axum::extract::{FromRef, FromRequestParts};
use dullahan_user::{
    domain::{CurrentSession, Session, User},
    presentation::http::{Problem, UserHttp, Visitor},
};
use http::request::Parts;

use crate::{respond::ProblemResponse, router::note_peer};

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
pub struct CurrentUser {
    /// The user.
    pub user: User,
    /// The session of the request.
    pub session: Session,
}

/// The user, if somebody is signed in, as an extractor for routes that anybody may use.
///
/// A cookie that is over is nobody's; a bearer token that is invalid is refused, and so is a request that may
/// be forged.
#[derive(Debug, Clone)]
pub struct OptionalUser(pub Option<CurrentUser>);

/// The signed-in user, if they have proven who they are within so many seconds, else 401
/// `reauthentication_required` with the challenge of RFC 9470.
#[derive(Debug, Clone)]
pub struct RecentlyAuthenticated<const MAX_AGE_SECONDS: u64 = 300>(pub CurrentUser);

impl From<&CurrentSession> for CurrentUser {
    fn from(current: &CurrentSession) -> Self {
        Self { user: current.user.clone(), session: current.session.clone() }
    }
}

impl Deref for CurrentUser {
    type Target = User;

    fn deref(&self) -> &User {
        &self.user
    }
}

impl<const MAX_AGE_SECONDS: u64> Deref for RecentlyAuthenticated<MAX_AGE_SECONDS> {
    type Target = User;

    fn deref(&self) -> &User {
        &self.0
    }
}

/// Whoever sent the request, which is found out once for all extractors and layers.
pub(crate) async fn visitor(users: &UserHttp, parts: &mut Parts) -> Visitor {
    if let Some(visitor) = parts.extensions.get::<Visitor>().filter(|known| known.is_of(users)) {
        return visitor.clone();
    }
    note_peer(&mut parts.extensions);
    let visitor = users.visitor(parts.clone()).await;
    parts.extensions.insert(visitor.clone());
    visitor
}

macro_rules! extractor {
    ([$($generic:tt)*] $Extractor:ty, $from:expr) => {
        impl<$($generic)* S> FromRequestParts<S> for $Extractor
        where
            UserHttp: FromRef<S>,
            S: Send + Sync,
        {
            type Rejection = ProblemResponse;

            async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Self::Rejection> {
                let visitor = visitor(&UserHttp::from_ref(state), parts).await;
                let from: fn(&Visitor) -> Result<Self, Problem> = $from;
                from(&visitor).map_err(ProblemResponse)
            }
        }
    };
}

extractor!([] CurrentUser, |visitor| visitor.session().map(Self::from));
extractor!([] OptionalUser, |visitor| {
    visitor.optional_session().map(|current| Self(current.map(CurrentUser::from)))
});
extractor!([const MAX_AGE_SECONDS: u64,] RecentlyAuthenticated<MAX_AGE_SECONDS>, |visitor| {
    let max_age = Duration::from_secs(MAX_AGE_SECONDS);
    visitor.recent_session(max_age).map(|current| Self(current.into()))
});
