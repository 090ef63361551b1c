//! The HTTP contract, once, on `http` types: a function from a request to a response.
//!
//! A bridge mounts the [`routes`](UserHttp::routes) its framework's own way and hands every request to
//! [`UserHttp::serve`]; for the application's own routes it makes extractors of the
//! [`visitor`](UserHttp::visitor). So all bridges behave alike.

mod account;
mod activation;
mod answer;
mod body;
mod client_address;
mod email;
mod extractors;
mod guard;
mod login;
mod openapi;
mod origin;
mod password;
mod problem;
mod receive;
mod registration;
mod route;
mod service;
mod session_cookie;
mod sessions;
mod settings;
mod visitor;

use std::{
    collections::BTreeSet,
    error::Error,
    future::ready,
    pin::pin,
    sync::{Arc, OnceLock, atomic::AtomicBool},
    time::Duration,
};

use bytes::{Buf, Bytes};
use dullahan_core::{BoxFuture, Context, Core};
use http::{Method, Request, Response, header, request::Parts};
use http_body::Body;

use self::{
    answer::Answer,
    receive::within,
    route::{Endpoint, Found},
};
pub use self::{
    client_address::{
        ClientAddress, ClientAddresses, InvalidTrustedProxies, PeerAddress, TrustedProxies,
    },
    extractors::{FromVisitor, RequiredRole},
    origin::{InvalidOrigin, Origin},
    problem::Problem,
    route::{Route, below_mount},
    session_cookie::{CookieAttributes, InvalidSessionCookie, SameSite, SessionCookie},
    settings::HttpSettings,
    visitor::{Requirement, Visitor},
};
use crate::{
    application::UserManagerFacade,
    domain::{InvalidSettings, Settings},
};

/// The HTTP contract of the module: a function from a request to a response, the same for every framework.
///
/// ```
/// use bytes::{Buf, Bytes};
/// use dullahan_core::Core;
/// use dullahan_user::presentation::http::{HttpSettings, UserHttp};
///
/// # pollster::block_on(async {
/// let http = UserHttp::new(Core::builder().build()?, HttpSettings::default())?;
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
    settings: Arc<HttpSettings>,
    openapi: Arc<OnceLock<Bytes>>,
    /// Whether the log has been told of a page whose origin is not allowed.
    has_warned_of_origin: Arc<AtomicBool>,
    /// Whether the log has been told of somebody who forwards requests and is no trusted proxy.
    has_reported_proxy: Arc<AtomicBool>,
}

impl UserHttp {
    /// The contract over a core that has the module.
    ///
    /// A session cookie whose name has no prefix is allowed, and a warning in the log.
    ///
    /// # Errors
    ///
    /// With everything in the settings that makes no sense, and what to do about each.
    pub fn new(core: Core, settings: HttpSettings) -> Result<Self, InvalidSettings> {
        settings.check()?;
        if !settings.cookie.is_protected() {
            tracing::warn!(
                name = settings.cookie.name(),
                "the name of the session cookie has no prefix `__Host-` or `__Secure-`, so another host of the \
                 domain, or anybody on the network, can set one"
            );
        }
        Ok(Self {
            users: UserManagerFacade::new(core),
            settings: Arc::new(settings),
            openapi: Arc::default(),
            has_warned_of_origin: Arc::default(),
            has_reported_proxy: Arc::default(),
        })
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

    /// The paths of the routes, each once, for a bridge that mounts them with all methods.
    pub fn paths(&self) -> impl Iterator<Item = &'static str> + use<> {
        let paths: BTreeSet<_> = self.routes().iter().map(|route| route.path).collect();
        paths.into_iter()
    }

    /// The description of the contract, OpenAPI 3.1.
    pub fn openapi(&self) -> serde_json::Value {
        let mut document = openapi::document(self.routes(), &self.settings);
        if let Some(settings) = self.users.core().services().get::<Settings>() {
            openapi::bound_passwords(&mut document, &settings.password_policy);
        }
        document
    }

    fn show_openapi(&self) -> Answer {
        if !self.settings.shows_openapi {
            return Err(Problem::not_found().into());
        }
        let document = self.openapi.get_or_init(|| self.openapi().to_string().into());
        Ok(openapi::answer(document.clone()))
    }

    /// Answers a request. Whatever goes wrong becomes a problem response (RFC 9457); it never fails.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let method = head.method.clone();
        let response = match self.admit(head).await {
            Ok(_) if receive::has_body(&method) && body.len() > self.settings.body_limit => {
                Problem::too_large(self.settings.body_limit).to_response()
            }
            Ok((found, context)) => self.answer(found, &context, &body).await,
            Err(problem) => problem.to_response(),
        };
        without_body_of_head(&method, response)
    }

    /// Answers a request whose body is still to come. This is what a bridge calls.
    ///
    /// The body is read within the limits of the settings, and not at all where it is of no use. The timer is
    /// the runtime's way to let some time pass, such as `tokio::time::sleep`.
    pub async fn serve<B, T>(
        &self,
        request: Request<B>,
        timer: impl Fn(Duration) -> T,
    ) -> Response<Bytes>
    where
        B: Body<Data: Buf, Error: Into<Box<dyn Error + Send + Sync>>>,
        T: Future<Output = ()>,
    {
        let (head, body) = request.into_parts();
        let method = head.method.clone();
        let answered = self.receive_and_answer(head, body, timer).await;
        let response = answered.unwrap_or_else(|problem| problem.to_response());
        without_body_of_head(&method, response)
    }

    async fn receive_and_answer<B, T>(
        &self,
        head: Parts,
        body: B,
        timer: impl Fn(Duration) -> T,
    ) -> Result<Response<Bytes>, Problem>
    where
        B: Body<Data: Buf, Error: Into<Box<dyn Error + Send + Sync>>>,
        T: Future<Output = ()>,
    {
        let admitted = within(self.settings.time_limit, &timer, self.admit(head)).await;
        let (found, context) = admitted.unwrap_or_else(|| Err(Problem::timed_out()))?;
        let received = receive::receive(context.request(), body, self.settings.body_limit);
        let received = within(self.settings.body_timeout, &timer, received).await;
        let body = received.unwrap_or_else(|| Err(Problem::body_timed_out()))?;
        {
            let mut answer = pin!(self.answer(found, &context, &body));
            if let Some(answer) = within(self.settings.time_limit, &timer, answer.as_mut()).await {
                return Ok(answer);
            }
            // What is being stored at this moment is no failure, so it gets the time to be told.
            if context.is_completing() {
                let completed = within(self.settings.completion_limit, &timer, answer).await;
                return completed.ok_or_else(Problem::outcome_unknown);
            }
        }
        let given_back = self.users.give_back_attempt(&context);
        if within(self.settings.completion_limit, &timer, given_back).await.is_none() {
            tracing::warn!("a try that took too long could not be given back in time");
        }
        Err(Problem::timed_out())
    }

    /// The route and the context of a request, unless something can be said against it before its body is read.
    async fn admit(&self, head: Parts) -> Result<(Found, Context), Problem> {
        let found = route::find(&head.method, head.uri.path())?;
        guard::check_content_type(&head)?;
        let address = self.locate(&head)?;
        let context = Context::of_request(head, address);
        let checked = guard::check_origin(self, &context).await;
        checked.map(|()| (found, context)).map_err(|error| Problem::of(&error))
    }

    async fn answer(&self, found: Found, context: &Context, body: &Bytes) -> Response<Bytes> {
        let answer = self.handle(&found, context, body).await;
        answer::with_head_of(context, answer)
    }

    /// Leads to the handler. Its future is boxed, so that a request carries its own handler's and not the largest.
    fn handle<'a>(
        &'a self,
        found: &'a Found,
        context: &'a Context,
        body: &'a Bytes,
    ) -> BoxFuture<'a, Answer> {
        match found.endpoint {
            Endpoint::Register => Box::pin(registration::register(self, context, body)),
            Endpoint::Activate => Box::pin(activation::activate(self, context, body)),
            Endpoint::ResendActivation => Box::pin(activation::resend(self, context, body)),
            Endpoint::LogIn => Box::pin(login::log_in(self, context, body)),
            Endpoint::LogOut => Box::pin(login::log_out(self, context)),
            Endpoint::Reauthenticate => Box::pin(login::reauthenticate(self, context, body)),
            Endpoint::CsrfToken => Box::pin(login::csrf_token(self, context)),
            Endpoint::ForgotPassword => Box::pin(password::forgot(self, context, body)),
            Endpoint::ResetPassword => Box::pin(password::reset(self, context, body)),
            Endpoint::ConfirmEmailChange => Box::pin(email::confirm(self, context, body)),
            Endpoint::CancelEmailChange => Box::pin(email::cancel(self, context, body)),
            Endpoint::ShowAccount => Box::pin(account::show(self, context)),
            Endpoint::UpdateAccount => Box::pin(account::update(self, context, body)),
            Endpoint::ChangePassword => Box::pin(password::change(self, context, body)),
            Endpoint::ChangeEmail => Box::pin(email::change(self, context, body)),
            Endpoint::ListSessions => Box::pin(sessions::list(self, context)),
            Endpoint::RevokeOtherSessions => Box::pin(sessions::revoke_others(self, context)),
            Endpoint::RevokeSession => {
                Box::pin(sessions::revoke(self, context, found.parameter.as_deref()))
            }
            Endpoint::RemoveAccount => Box::pin(account::remove(self, context, body)),
            Endpoint::ExportAccount => Box::pin(account::export(self, context)),
            Endpoint::OpenApi => Box::pin(ready(self.show_openapi())),
        }
    }
}

/// The answer to `HEAD` is the one to `GET` without its body, whose length it says.
fn without_body_of_head(method: &Method, mut response: Response<Bytes>) -> Response<Bytes> {
    if *method == Method::HEAD {
        let body = std::mem::take(response.body_mut());
        response.headers_mut().insert(header::CONTENT_LENGTH, body.len().into());
    }
    response
}
