//! Whoever sent a request, as extractors for the application's own routes.

use std::{future::Future, ops::Deref, pin::Pin, rc::Rc, time::Duration};

use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, web::Data};
use async_lock::OnceCell;
use dullahan_core::Error;
use dullahan_user::{
    domain::{CurrentSession, Session, User},
    presentation::http::{Problem, UserHttp, Visitor},
};

use crate::{convert::head_of, respond::ProblemError};

/// The signed-in user, as an extractor for an application's own routes. It takes the [`Data<UserHttp>`](Data)
/// of the application.
///
/// Without a live session the answer is a problem response, 401. A route that changes something is guarded
/// against forged requests as the module's own are: with a cookie session it takes the CSRF token.
///
/// ```
/// use actix_web::{App, web};
/// use dullahan_user_bridge_actix::CurrentUser;
///
/// async fn hello(user: CurrentUser) -> String {
///     format!("Hello, {}!", user.email.as_str())
/// }
///
/// let app = App::new().route("/hello", web::get().to(hello));
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

/// Whoever sent the request, which is found out once for all extractors and middleware. Extractors of one
/// handler ask at the same time.
pub(crate) async fn visitor(request: &HttpRequest) -> Result<Visitor, Problem> {
    let Some(users) = request.app_data::<Data<UserHttp>>() else {
        return Err(Problem::of(&Error::internal("the application has no `Data<UserHttp>`")));
    };
    let find_out = || users.visitor(head_of(request, request.uri().path()));
    let known = {
        let mut extensions = request.extensions_mut();
        Rc::clone(extensions.get_or_insert_with(Rc::<OnceCell<Visitor>>::default))
    };
    let visitor = known.get_or_init(find_out).await;
    Ok(if visitor.is_of(users) { visitor.clone() } else { find_out().await })
}

macro_rules! extractor {
    ([$($generic:tt)*] $Extractor:ty, $from:expr) => {
        impl<$($generic)*> FromRequest for $Extractor {
            type Error = ProblemError;
            type Future = Pin<Box<dyn Future<Output = Result<Self, ProblemError>>>>;

            fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
                let request = request.clone();
                Box::pin(async move {
                    let from: fn(&Visitor) -> Result<Self, Problem> = $from;
                    Ok(from(&visitor(&request).await?)?)
                })
            }
        }
    };
}

extractor!([] CurrentUser, |visitor| visitor.session().map(Self::from));
extractor!([] OptionalUser, |visitor| {
    visitor.optional_session().map(|current| Self(current.map(CurrentUser::from)))
});
extractor!([const MAX_AGE_SECONDS: u64] RecentlyAuthenticated<MAX_AGE_SECONDS>, |visitor| {
    let max_age = Duration::from_secs(MAX_AGE_SECONDS);
    visitor.recent_session(max_age).map(|current| Self(current.into()))
});
