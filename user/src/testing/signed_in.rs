//! Signed-in users, for the tests of an application.

use std::sync::Arc;

use dullahan_core::{Context, Core, Result};
use http::{HeaderMap, HeaderValue, header};

use crate::{
    domain::{EmailAddress, NewUser, PlainPassword, Session, SessionTransport, User, UserId},
    port::{Clock, UserRepository},
    presentation::{
        event::transport::{CreateUserProcess, HashPassword, OpenSessionProcess},
        http::UserHttp,
    },
};

/// The password of every user that [`SignedIn`] makes.
pub const PASSWORD: &str = "correct horse battery staple";

/// A signed-in user, for the tests of an application.
///
/// It works with any store and any bridge: the account is created, with a proven address, and signed in by the processes that
/// a request would run, so the application's own listeners on them run too. No registration is validated and no mail is
/// enqueued, so a captcha or an invite is not in the way. An address that has an account already gets one more session.
///
/// ```
/// # use std::sync::Arc;
/// # use dullahan_core::Core;
/// # use dullahan_user::{UserModule, domain::Settings, port::Mailer};
/// use dullahan_user::{
///     infrastructure::{Argon2Hasher, Argon2Settings, MemoryStores},
///     presentation::http::{ClientAddresses, HttpSettings, UserHttp},
///     testing::{Mailbox, SignedIn},
/// };
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let hasher = Argon2Hasher::new(Argon2Settings::insecure_for_tests())?;
/// # let core = Core::builder()
/// #     .module(UserModule::new(Settings::default()).with_password_hasher(Arc::new(hasher)))
/// #     .module(MemoryStores::new())
/// #     .provide::<dyn Mailer>(Arc::new(Mailbox::default()))
/// #     .build()?;
/// # let absent = ClientAddresses::Absent;
/// # let settings = HttpSettings { client_addresses: absent, ..HttpSettings::default() };
/// # let http = UserHttp::new(core, settings)?;
/// let alice = SignedIn::by_bearer(&http, "alice@x.test").await;
///
/// let mut request = http::Request::get("/account").body(bytes::Bytes::new())?;
/// request.headers_mut().extend(alice.headers);
/// assert_eq!(http.call(request).await.status(), 200);
/// # Ok(())
/// # }
/// ```
#[derive(Clone)]
pub struct SignedIn {
    /// The user.
    pub user: User,
    /// The session.
    pub session: Session,
    /// The token of the session, as `access_token` or as the value of the cookie.
    pub token: String,
    /// The headers that a client of the session sends: `Authorization`, or `Cookie` with what a page of the service adds
    /// to requests that change something.
    pub headers: HeaderMap,
}

impl SignedIn {
    /// Signs a user in with a bearer token.
    ///
    /// # Panics
    ///
    /// When a step fails; the message names the step and every cause.
    pub async fn by_bearer(http: &UserHttp, email: &str) -> Self {
        Self::by(http, email, SessionTransport::Bearer).await
    }

    /// Signs a user in with a cookie.
    ///
    /// # Panics
    ///
    /// When a step fails; the message names the step and every cause.
    pub async fn by_cookie(http: &UserHttp, email: &str) -> Self {
        Self::by(http, email, SessionTransport::Cookie).await
    }

    async fn by(http: &UserHttp, email: &str, transport: SessionTransport) -> Self {
        let signed_in = Self::try_by(http, email, transport).await;
        signed_in.unwrap_or_else(|error| panic!("{email} could not be signed in: {error}"))
    }

    async fn try_by(http: &UserHttp, email: &str, transport: SessionTransport) -> Result<Self> {
        let core = http.users().core();
        let user = account(core, email.parse()?).await?;
        let open = OpenSessionProcess { user, password_hash: None, transport, replaces: None };
        let opened = core.dispatch(&Context::new(), open).await?;
        let token = opened.token.expose().to_string();
        let mut headers = HeaderMap::new();
        match transport {
            SessionTransport::Bearer => {
                let value = HeaderValue::try_from(format!("Bearer {token}"))?;
                headers.insert(header::AUTHORIZATION, value);
            }
            SessionTransport::Cookie => {
                let cookie = format!("{}={token}", http.settings().cookie.name());
                headers.insert(header::COOKIE, cookie.try_into()?);
                headers.insert("sec-fetch-site", HeaderValue::from_static("same-origin"));
                headers.insert("x-csrf-token", opened.token.csrf_token().try_into()?);
            }
        }
        Ok(Self { user: opened.user, session: opened.session, token, headers })
    }
}

/// Shows whose session it is, and no secret.
impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").field("user", &self.user.id).finish_non_exhaustive()
    }
}

/// The active account of an address, made if there is none.
async fn account(core: &Core, email: EmailAddress) -> Result<User> {
    let services = core.services();
    let users = services.get::<dyn UserRepository>().unwrap();
    if let Some(found) = users.find_credentials(&Context::new(), &email).await? {
        return Ok(found.user);
    }
    let password = Arc::new(PASSWORD.parse::<PlainPassword>()?);
    let now = services.get::<dyn Clock>().unwrap().now();
    let user = NewUser {
        id: UserId::new(),
        email,
        display_name: None,
        locale: None,
        password_hash: core.dispatch(&Context::new(), HashPassword { password }).await?,
        created_at: now,
        registered_from: None,
        activated_at: Some(now),
    };
    core.dispatch(&Context::new(), CreateUserProcess { user }).await
}
