//! `POST /auth/login`, `POST /auth/logout`, `POST /auth/reauth` and `GET /auth/csrf`

use std::sync::Arc;

use bytes::Bytes;
use dullahan_core::{Context, Error, ErrorKind};
use http::{HeaderValue, Response, StatusCode, header};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use time::{Duration, format_description::well_known::Rfc3339};
use utoipa::ToSchema;

use super::{
    UserHttp,
    answer::{Answer, json, no_content},
    body::{Password, read},
    guard::{self, Claim},
    problem::Refusal,
};
use crate::{
    application::functor::MarkedDevice,
    domain::{OpenedSession, PlainPassword, SessionTransport},
    port::{UserRetrievalManager, UserSessionManager},
};

/// Credentials, and how the session's token travels.
#[derive(Deserialize, ToSchema)]
pub(super) struct LoginBody {
    /// The email address of the account.
    identifier: String,
    #[schema(value_type = String, format = Password)]
    password: Password,
    #[schema(inline)]
    transport: Transport,
    /// Whether a cookie outlives the browser's window: `true` unless it says `false`.
    #[serde(default)]
    #[schema(value_type = bool, required = false)]
    remember: Option<bool>,
}

/// How the session's token travels: in a cookie, for browsers, or as a bearer token, for programs.
#[derive(Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Transport {
    Cookie,
    Bearer,
}

impl From<Transport> for SessionTransport {
    fn from(transport: Transport) -> Self {
        match transport {
            Transport::Cookie => Self::Cookie,
            Transport::Bearer => Self::Bearer,
        }
    }
}

/// The password of the signed-in user.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasswordBody {
    #[schema(value_type = String, format = Password)]
    password: Password,
}

impl PasswordBody {
    /// The password, as presented.
    pub(super) fn password(self) -> PlainPassword {
        self.password.presented()
    }
}

/// Opens a session, for a cookie or for a bearer token as the client says.
pub(super) async fn log_in(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let body: LoginBody = read(body)?;
    let transport = body.transport.into();
    let remember = body.remember.unwrap_or(true);
    let replaces = match guard::claim_of(http, context) {
        Claim::Token(token, carried) if carried == transport => Some(token.digest()),
        _ => None,
    };
    let password = Arc::new(body.password.presented());
    present_device(http, context);
    let opened = http.users.log_in(context, body.identifier, password, transport, replaces).await?;
    self::opened(http, context, opened, remember).await
}

/// Tells the client what it signs in with from now on. A cookie outlives the browser's window if it is to be remembered.
pub(super) async fn opened(
    http: &UserHttp,
    context: &Context,
    opened: OpenedSession,
    remember: bool,
) -> Answer {
    let user = match http.users.serialize(context, opened.user.clone()).await {
        Ok(user) => user,
        Err(error) => {
            // Nobody is told the token, so nobody could end the session.
            if let Err(error) = http.users.log_out(context, opened.session.id).await {
                tracing::error!(%error, "a session that nobody has could not be ended");
            }
            return Err(error.into());
        }
    };
    match opened.session.transport {
        SessionTransport::Cookie => {
            let mut response = with_cookie(http, &opened, &user, remember)?;
            keep_device(http, context, &mut response, remember)?;
            Ok(response)
        }
        SessionTransport::Bearer => with_bearer_token(&opened, &user),
    }
}

/// How long a browser is known that has signed in: a year since the last time.
const DEVICE_LIFETIME: Duration = Duration::days(365);

/// Tells the use cases of which browser the request is, if it has signed in before.
pub(super) fn present_device(http: &UserHttp, context: &Context) {
    if let Some(mark) = guard::device_mark(http, context) {
        context.insert(MarkedDevice(Arc::new(mark)));
    }
}

/// Has the browser keep the mark that the use cases have given it, if they have.
pub(super) fn keep_device(
    http: &UserHttp,
    context: &Context,
    response: &mut Response<Bytes>,
    remember: bool,
) -> Result<(), Error> {
    let Some(MarkedDevice(mark)) = context.get() else { return Ok(()) };
    let max_age = remember.then_some(DEVICE_LIFETIME);
    append_cookie(response, &http.settings.cookie.device_header(&mark.expose(), max_age))
}

fn with_cookie(
    http: &UserHttp,
    opened: &OpenedSession,
    user: &Map<String, Value>,
    remember: bool,
) -> Answer {
    let session = &opened.session;
    let expires_at = session.expires_at.format(&Rfc3339).map_err(Error::from)?;
    let body = json!({
        "transport": session.transport.as_str(),
        "user": user,
        "session": { "id": session.id.to_string(), "expires_at": expires_at },
        "csrf_token": opened.token.csrf_token(),
    });
    let mut response = json(StatusCode::OK, &body)?;
    let mut value = opened.token.expose();
    let max_age = remember.then_some(session.expires_at - session.authenticated_at);
    if !remember {
        // In a buffer that is large enough, or else the shorter one would not be wiped.
        let end = String::from_utf8_lossy(guard::WINDOW_ONLY);
        value = zeroize::Zeroizing::new([value.as_str(), &end].concat());
    }
    set_cookie(http, &mut response, &value, max_age)?;
    Ok(response)
}

fn with_bearer_token(opened: &OpenedSession, user: &Map<String, Value>) -> Answer {
    let lifetime = opened.session.expires_at - opened.session.authenticated_at;
    let body = json!({
        "transport": opened.session.transport.as_str(),
        "user": user,
        "access_token": *opened.token.expose(),
        "token_type": "Bearer",
        "expires_in": lifetime.whole_seconds(),
    });
    json(StatusCode::OK, &body)
}

/// Ends the session of the request. A cookie whose session has ended is cleared all the same: a browser that could not be
/// signed out would keep it.
pub(super) async fn log_out(http: &UserHttp, context: &Context) -> Answer {
    let signed_in = match guard::signed_in_to_change(http, context).await {
        Err(Refusal::Error(error))
            if error.kind() == ErrorKind::Unauthenticated && guard::has_cookie(http, context) =>
        {
            let mut response = no_content();
            clear_cookie(http, &mut response)?;
            return Ok(response);
        }
        signed_in => signed_in?,
    };
    http.users.log_out(context, signed_in.current.session.id).await?;
    let mut response = no_content();
    if signed_in.current.session.transport == SessionTransport::Cookie {
        clear_cookie(http, &mut response)?;
    }
    Ok(response)
}

/// Renews the session of the request for whoever knows the password of its user.
pub(super) async fn reauthenticate(http: &UserHttp, context: &Context, body: &Bytes) -> Answer {
    let current = guard::signed_in_to_change(http, context).await?.current;
    let password = Arc::new(read::<PasswordBody>(body)?.password());
    let renewed = http.users.reauthenticate(context, current, password).await?;
    opened(http, context, renewed, guard::is_remembered(http, context)).await
}

/// Tells a page that was loaded anew the CSRF token of its session.
pub(super) async fn csrf_token(http: &UserHttp, context: &Context) -> Answer {
    let signed_in = guard::signed_in(http, context).await?;
    json(StatusCode::OK, &json!({ "csrf_token": signed_in.csrf_token() }))
}

/// Has the client forget the cookie.
pub(super) fn clear_cookie(http: &UserHttp, response: &mut Response<Bytes>) -> Result<(), Error> {
    set_cookie(http, response, "", Some(Duration::ZERO))
}

fn set_cookie(
    http: &UserHttp,
    response: &mut Response<Bytes>,
    value: &str,
    max_age: Option<Duration>,
) -> Result<(), Error> {
    append_cookie(response, &http.settings.cookie.header(value, max_age))
}

fn append_cookie(response: &mut Response<Bytes>, header: &str) -> Result<(), Error> {
    let mut header = HeaderValue::from_str(header)?;
    header.set_sensitive(true);
    response.headers_mut().append(header::SET_COOKIE, header);
    Ok(())
}
