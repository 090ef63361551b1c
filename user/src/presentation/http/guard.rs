//! What is asked of a request before anything is done: content type, origin, session, CSRF token.

use bytes::Bytes;
use cookie::Cookie;
use dullahan_core::{Context, Error, Fault};
use http::{HeaderMap, Method, header, request::Parts};

use super::{Problem, UserHttp, problem::Refusal};
use crate::{
    domain::{CurrentSession, SessionTransport, Token},
    port::UserSessionManager,
    presentation::event::transport::CheckForgery,
};

/// Who asks, and with which token.
pub(super) struct SignedIn {
    pub(super) current: CurrentSession,
    token: Token,
}

impl SignedIn {
    /// The CSRF token of the session.
    pub(super) fn csrf_token(&self) -> String {
        self.token.csrf_token()
    }
}

/// What is asked of every request: a body within the limit and, where it may change something, JSON from no
/// foreign page.
pub(super) fn check_request(
    http: &UserHttp,
    context: &Context,
    body: &Bytes,
) -> Result<(), Refusal> {
    if body.len() > http.settings.body_limit {
        return Err(Problem::too_large(http.settings.body_limit).into());
    }
    let Some(head) = context.request() else { return Ok(()) };
    if is_safe(&head.method) {
        return Ok(());
    }
    // No page can have a browser send DELETE to another origin without asking that origin first.
    let has_no_body = head.method == Method::DELETE && body.is_empty();
    if !has_no_body && !is_json(&head.headers) {
        return Err(Problem::unsupported_media_type().into());
    }
    match origin(http, head) {
        Origin::Foreign => Err(foreign().into()),
        Origin::Own | Origin::Unsaid => Ok(()),
    }
}

/// The session of the request.
pub(super) async fn signed_in(http: &UserHttp, context: &Context) -> Result<SignedIn, Error> {
    let unauthenticated = || Error::new(Fault::Unauthenticated);
    let head = context.request().ok_or_else(unauthenticated)?;
    let (token, transport) = token_of(http, &head.headers).ok_or_else(unauthenticated)?;
    let current = http.users.resolve(context, token.digest(), transport).await?;
    let current = current.ok_or_else(unauthenticated)?;
    Ok(SignedIn { current, token })
}

/// The session of a request that changes something.
///
/// # Rule
///
/// OWASP Cross-Site Request Forgery Prevention Cheat Sheet: a browser sends a cookie by itself, so with a
/// cookie the request has to say that it comes from a page of our own, and to carry the token that only such a
/// page has. With a bearer token neither is needed.
pub(super) async fn signed_in_to_change(
    http: &UserHttp,
    context: &Context,
) -> Result<SignedIn, Refusal> {
    let signed_in = signed_in(http, context).await?;
    let Some(head) = context.request() else { return Ok(signed_in) };
    if signed_in.current.session.transport == SessionTransport::Bearer {
        return Ok(signed_in);
    }
    let presented = single(&head.headers, "x-csrf-token");
    let check = CheckForgery {
        current: signed_in.current.clone(),
        is_own_origin: origin(http, head) == Origin::Own,
        has_csrf_token: presented.is_some_and(|presented| signed_in.token.verifies_csrf(presented)),
    };
    http.users.core().dispatch(context, check).await?;
    Ok(signed_in)
}

/// The session of a request, which may change something or not as its method says.
pub(super) async fn signed_in_by_method(
    http: &UserHttp,
    context: &Context,
) -> Result<SignedIn, Refusal> {
    if context.request().is_some_and(|head| is_safe(&head.method)) {
        return Ok(signed_in(http, context).await?);
    }
    signed_in_to_change(http, context).await
}

fn foreign() -> Problem {
    Problem::forged("foreign_origin", "the request does not come from a page of this service")
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn is_json(headers: &HeaderMap) -> bool {
    single(headers, header::CONTENT_TYPE.as_str()).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
    })
}

/// Which page a request comes from, as far as its browser says.
#[derive(Debug, PartialEq, Eq)]
enum Origin {
    Own,
    Foreign,
    /// No browser of today leaves this out; other clients do.
    Unsaid,
}

/// # Rule
///
/// OWASP Cross-Site Request Forgery Prevention Cheat Sheet, Fetch Metadata: `Sec-Fetch-Site` decides; only
/// where it is missing, `Origin` and then `Referer` are compared with the allowed origins.
fn origin(http: &UserHttp, head: &Parts) -> Origin {
    let allowed = |origin: &str| {
        let allowed = http.settings.allowed_origins.iter().any(|allowed| allowed == origin);
        if allowed { Origin::Own } else { Origin::Foreign }
    };
    let from = single(&head.headers, "origin");
    if head.headers.contains_key("sec-fetch-site") {
        return match single(&head.headers, "sec-fetch-site") {
            Some("same-origin") => Origin::Own,
            _ => from.map_or(Origin::Foreign, allowed),
        };
    }
    if let Some(from) = from {
        return allowed(from);
    }
    match single(&head.headers, "referer") {
        Some(referer) => allowed(&origin_of(referer)),
        None if head.headers.contains_key("origin") => Origin::Foreign,
        None => Origin::Unsaid,
    }
}

/// The origin of an address, such as `https://app.example`.
fn origin_of(address: &str) -> String {
    let uri = address.parse::<http::Uri>().unwrap_or_default();
    match (uri.scheme_str(), uri.authority()) {
        (Some(scheme), Some(authority)) => format!("{scheme}://{authority}"),
        _ => String::new(),
    }
}

/// The token of a request and how it came. An `Authorization` header that holds none never falls back to the
/// cookie, and neither does a cookie that is there twice count.
fn token_of(http: &UserHttp, headers: &HeaderMap) -> Option<(Token, SessionTransport)> {
    if headers.contains_key(header::AUTHORIZATION) {
        let value = single(headers, header::AUTHORIZATION.as_str())?;
        let (scheme, token) = value.split_once(' ')?;
        if !scheme.eq_ignore_ascii_case("bearer") {
            return None;
        }
        return Some((token.trim().parse().ok()?, SessionTransport::Bearer));
    }
    let mut cookies = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(Cookie::split_parse)
        .filter_map(Result::ok)
        .filter(|cookie| cookie.name() == http.settings.cookie_name);
    match (cookies.next(), cookies.next()) {
        (Some(cookie), None) => Some((cookie.value().parse().ok()?, SessionTransport::Cookie)),
        _ => None,
    }
}

/// The value of a header that is there once.
fn single<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}
