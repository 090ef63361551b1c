//! The HTTP contract, once, on `http` types: a function from a request to a response.
//!
//! A bridge mounts the [`routes`](UserHttp::routes) its framework's own way, reads the body within the
//! [`limit`](HttpSettings::body_limit), and calls [`UserHttp::call`]. So all bridges behave alike.

mod account;
mod activation;
mod answer;
mod body;
mod email;
mod guard;
mod login;
mod password;
mod problem;
mod registration;
mod route;
mod sessions;
mod settings;

use std::net::IpAddr;

use bytes::Bytes;
use dullahan_core::{Context, Core};
use http::{Method, Request, Response, header};

use self::{
    answer::Answer,
    problem::Refusal,
    route::{Endpoint, Found},
};
pub use self::{problem::Problem, route::Route, settings::HttpSettings};
use crate::{application::UserManagerFacade, domain::CurrentSession};

/// The HTTP contract of the module: a function from a request to a response, the same for every framework.
///
/// ```
/// use bytes::Bytes;
/// use dullahan_core::Core;
/// use dullahan_user::presentation::http::{HttpSettings, UserHttp};
///
/// # pollster::block_on(async {
/// let http = UserHttp::new(Core::builder().build()?, HttpSettings::default());
/// let request = http::Request::get("/nowhere").body(Bytes::new())?;
/// let response = http.call(request).await;
/// assert_eq!(response.status(), http::StatusCode::NOT_FOUND);
/// assert_eq!(response.headers()["content-type"], "application/problem+json");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Clone)]
pub struct UserHttp {
    users: UserManagerFacade,
    settings: HttpSettings,
}

/// The client's address, as a bridge knows it: an extension of the request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

impl UserHttp {
    /// The contract over a core that has the module.
    pub fn new(core: Core, settings: HttpSettings) -> Self {
        Self { users: UserManagerFacade::new(core), settings }
    }

    /// The use cases behind the contract.
    pub fn users(&self) -> &UserManagerFacade {
        &self.users
    }

    /// What was set.
    pub fn settings(&self) -> &HttpSettings {
        &self.settings
    }

    /// What a bridge has to mount.
    pub fn routes(&self) -> &'static [Route] {
        route::ROUTES
    }

    /// Answers a request. Whatever goes wrong becomes a problem response (RFC 9457); it never fails.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let is_head = request.method() == Method::HEAD;
        let mut response = self.answer(request).await;
        if is_head {
            let body = std::mem::take(response.body_mut());
            response.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
        }
        response
    }

    /// The session of a request to one of the application's own routes.
    ///
    /// It is guarded as the module's own routes are: a request that may change something and comes with a
    /// cookie has to come from a page of the service, with the CSRF token. The context becomes the one of the
    /// user: listeners see the principal.
    ///
    /// # Errors
    ///
    /// The problem to answer with, when nobody is signed in, the request may be forged, or the store fails.
    pub async fn current_session(
        &self,
        context: &Context,
    ) -> std::result::Result<CurrentSession, Problem> {
        let signed_in = guard::signed_in_by_method(self, context).await;
        signed_in.map(|signed_in| signed_in.current).map_err(Refusal::into_problem)
    }

    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let path = head.uri.path().to_owned();
        let found = match route::find(&head.method, &path) {
            Ok(found) => found,
            Err(problem) => return problem.to_response(),
        };
        let address = head.extensions.get::<ClientAddress>().map(|address| address.0);
        let context = Context::of_request(head, address);
        let answer = self.handle(found, &context, &body).await;
        let response = answer.unwrap_or_else(|refusal| refusal.into_problem().to_response());
        answer::with_head_of(&context, response)
    }

    async fn handle(&self, found: Found<'_>, context: &Context, body: &Bytes) -> Answer {
        guard::check_request(self, context, body)?;
        match found.endpoint {
            Endpoint::Register => registration::register(self, context, body).await,
            Endpoint::Activate => activation::activate(self, context, body).await,
            Endpoint::ResendActivation => activation::resend(self, context, body).await,
            Endpoint::LogIn => login::log_in(self, context, body).await,
            Endpoint::LogOut => login::log_out(self, context).await,
            Endpoint::Reauthenticate => login::reauthenticate(self, context, body).await,
            Endpoint::CsrfToken => login::csrf_token(self, context).await,
            Endpoint::ForgotPassword => password::forgot(self, context, body).await,
            Endpoint::ResetPassword => password::reset(self, context, body).await,
            Endpoint::ConfirmEmailChange => email::confirm(self, context, body).await,
            Endpoint::CancelEmailChange => email::cancel(self, context, body).await,
            Endpoint::ShowAccount => account::show(self, context).await,
            Endpoint::UpdateAccount => account::update(self, context, body).await,
            Endpoint::ChangePassword => password::change(self, context, body).await,
            Endpoint::ChangeEmail => email::change(self, context, body).await,
            Endpoint::ListSessions => sessions::list(self, context).await,
            Endpoint::RevokeOtherSessions => sessions::revoke_others(self, context).await,
            Endpoint::RevokeSession => sessions::revoke(self, context, found.parameter).await,
            Endpoint::RemoveAccount => account::remove(self, context).await,
            Endpoint::ExportAccount => account::export(self, context).await,
        }
    }
}
