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
mod password;
mod problem;
mod receive;
mod registration;
mod route;
mod service;
mod sessions;
mod settings;
mod visitor;

use std::{
    collections::BTreeSet,
    error::Error,
    sync::{Arc, OnceLock},
    time::Duration,
};

use bytes::{Buf, Bytes};
use dullahan_core::{Context, Core};
use http::{Method, Request, Response, header, request::Parts};
use http_body::Body;

use self::{
    answer::Answer,
    receive::within,
    route::{Endpoint, Found},
};
pub use self::{
    client_address::{ClientAddress, InvalidTrustedProxies, PeerAddress, TrustedProxies},
    extractors::{FromVisitor, RequiredRole},
    problem::Problem,
    route::{Route, below_mount},
    settings::HttpSettings,
    visitor::Visitor,
};
use crate::{application::UserManagerFacade, domain::Settings};

/// The HTTP contract of the module: a function from a request to a response, the same for every framework.
///
/// ```
/// use bytes::{Buf, Bytes};
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
    settings: Arc<HttpSettings>,
    openapi: Arc<OnceLock<Bytes>>,
}

impl UserHttp {
    /// The contract over a core that has the module.
    pub fn new(core: Core, settings: HttpSettings) -> Self {
        Self {
            users: UserManagerFacade::new(core),
            settings: Arc::new(settings),
            openapi: Arc::default(),
        }
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

    fn openapi_bytes(&self) -> Bytes {
        self.openapi.get_or_init(|| self.openapi().to_string().into()).clone()
    }

    /// Answers a request. Whatever goes wrong becomes a problem response (RFC 9457); it never fails.
    pub async fn call(&self, request: Request<Bytes>) -> Response<Bytes> {
        let method = request.method().clone();
        without_body_of_head(&method, self.answer(request).await)
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
        let received = match self.refuse(&head) {
            Ok(_) => {
                let limit = self.settings.body_limit;
                let received = receive::receive(&head.method, &head.headers, body, limit);
                let received = within(self.settings.body_timeout, &timer, received).await;
                received.unwrap_or_else(|| Err(Problem::body_timed_out()))
            }
            Err(problem) => Err(problem),
        };
        let method = head.method.clone();
        let problem = match received {
            Ok(body) => {
                let answer = self.call(Request::from_parts(head, body));
                match within(self.settings.time_limit, &timer, answer).await {
                    Some(response) => return response,
                    None => Problem::timed_out(),
                }
            }
            Err(problem) => problem,
        };
        without_body_of_head(&method, problem.to_response())
    }

    /// The context of a request: its head, and where it comes from.
    pub fn context_of(&self, head: Parts) -> Context {
        let address = client_address::client_address(&self.settings.trusted_proxies, &head);
        Context::of_request(head, address)
    }

    /// Everything that can be said against a request before its body is read.
    fn refuse<'p>(&self, head: &'p Parts) -> Result<Found<'p>, Problem> {
        let found = route::find(&head.method, head.uri.path())?;
        guard::check_head(self, head)?;
        Ok(found)
    }

    async fn answer(&self, request: Request<Bytes>) -> Response<Bytes> {
        let (head, body) = request.into_parts();
        let (endpoint, parameter) = match self.refuse(&head) {
            Ok(_) if body.len() > self.settings.body_limit => {
                return Problem::too_large(self.settings.body_limit).to_response();
            }
            Ok(Found { endpoint, parameter }) => (endpoint, parameter.map(str::to_owned)),
            Err(problem) => return problem.to_response(),
        };
        let context = self.context_of(head);
        let parameter = parameter.as_deref();
        let found = Found { endpoint, parameter };
        let answer = self.handle(found, &context, &body).await;
        let response = answer.unwrap_or_else(|refusal| refusal.into_problem().to_response());
        answer::with_head_of(&context, response)
    }

    async fn handle(&self, found: Found<'_>, context: &Context, body: &Bytes) -> Answer {
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
            Endpoint::OpenApi if !self.settings.shows_openapi => Err(Problem::not_found().into()),
            Endpoint::OpenApi => Ok(openapi::answer(self.openapi_bytes())),
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
