//! What is asked of a request before anything is done: content type, origin, session, CSRF token.

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

/// What is asked of the head of every request: where it may change something, JSON from no foreign page.
pub(super) fn check_head(http: &UserHttp, head: &Parts) -> Result<(), Problem> {
    if is_safe(&head.method) {
        return Ok(());
    }
    // No page can have a browser send DELETE to another origin without asking that origin first.
    let is_bare = head.method == Method::DELETE && !announces_a_body(&head.headers);
    if !is_bare && !is_json(&head.headers) {
        return Err(Problem::unsupported_media_type());
    }
    if origin(http, head) == Origin::Foreign { Err(foreign()) } else { Ok(()) }
}

/// The session of the request.
pub(super) async fn signed_in(http: &UserHttp, context: &Context) -> Result<SignedIn, Error> {
    let unauthenticated = || Error::new(Fault::Unauthenticated);
    let Claim::Token(token, transport) = claim_of(http, context) else {
        return Err(unauthenticated());
    };
    let current = http.users.resolve(context, token.digest(), transport).await?;
    let current = current.ok_or_else(unauthenticated)?;
    Ok(SignedIn { current, token })
}

/// The session of a request that changes something.
pub(super) async fn signed_in_to_change(
    http: &UserHttp,
    context: &Context,
) -> Result<SignedIn, Refusal> {
    let signed_in = signed_in(http, context).await?;
    check_forgery(http, context, &signed_in.current, &signed_in.token).await?;
    Ok(signed_in)
}

/// Whether a request that may change something comes from a page of our own, where its session asks for that.
///
/// # Rule
///
/// OWASP Cross-Site Request Forgery Prevention Cheat Sheet: a browser sends a cookie by itself, so with a
/// cookie the request has to say that it comes from a page of our own, and to carry the token that only such a
/// page has. With a bearer token neither is needed.
pub(super) async fn check_forgery(
    http: &UserHttp,
    context: &Context,
    current: &CurrentSession,
    token: &Token,
) -> Result<(), Error> {
    let Some(head) = context.request() else { return Ok(()) };
    if is_safe(&head.method) || current.session.transport == SessionTransport::Bearer {
        return Ok(());
    }
    let presented = single(&head.headers, "x-csrf-token");
    let check = CheckForgery {
        current: current.clone(),
        is_own_origin: origin(http, head) == Origin::Own,
        has_csrf_token: presented.is_some_and(|presented| token.verifies_csrf(presented)),
    };
    http.users.core().dispatch(context, check).await
}

/// Whether a request that may change something comes from a foreign page, whoever sent it.
pub(super) fn is_from_foreign_page(http: &UserHttp, context: &Context) -> bool {
    let head = context.request();
    head.is_some_and(|head| !is_safe(&head.method) && origin(http, head) == Origin::Foreign)
}

pub(super) fn foreign() -> Problem {
    Problem::forged("foreign_origin", "the request does not come from a page of this service")
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

fn announces_a_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get_all(header::CONTENT_LENGTH).iter().any(|length| length != "0")
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
/// OWASP Cross-Site Request Forgery Prevention Cheat Sheet, Fetch Metadata: `Sec-Fetch-Site` decides. Where it does not say
/// `same-origin`, `Origin` is compared with the allowed origins, and where neither is there, `Referer` is.
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

/// By what a request says whose it is.
pub(super) enum Claim {
    /// It does not say.
    None,
    /// By something that is no token.
    Invalid,
    /// By a token, and how that came.
    Token(Token, SessionTransport),
}

/// The token of a request and how it came. An `Authorization` header that holds none never falls back to the
/// cookie, and neither does a cookie that is there twice count.
pub(super) fn claim_of(http: &UserHttp, context: &Context) -> Claim {
    let Some(head) = context.request() else { return Claim::None };
    if head.headers.contains_key(header::AUTHORIZATION) {
        let token = bearer_token(&head.headers);
        return token.map_or(Claim::Invalid, |token| Claim::Token(token, SessionTransport::Bearer));
    }
    let mut tokens = cookies_named(&head.headers, &http.settings.cookie_name);
    match (tokens.next(), tokens.next()) {
        (Some(token), None) => str::from_utf8(token)
            .ok()
            .and_then(|token| token.parse().ok())
            .map_or(Claim::None, |token| Claim::Token(token, SessionTransport::Cookie)),
        _ => Claim::None,
    }
}

/// The values of the cookies of this very name, byte by byte: any other page of the host's domain may have set cookies
/// beside them that are no text, or whose names a laxer reading would take for this one.
///
/// # Rule
///
/// RFC 6265 sections 4.2.1 and 5.4: pairs are parted by `;`, of which blanks and tabs around are no part. Other white
/// space of ASCII is in no header.
fn cookies_named<'h>(headers: &'h HeaderMap, name: &'h str) -> impl Iterator<Item = &'h [u8]> {
    let lines = headers.get_all(header::COOKIE).iter();
    lines.flat_map(|line| line.as_bytes().split(|byte| *byte == b';')).filter_map(move |pair| {
        let end = pair.iter().position(|byte| *byte == b'=')?;
        (pair[..end].trim_ascii() == name.as_bytes()).then(|| pair[end + 1..].trim_ascii())
    })
}

fn bearer_token(headers: &HeaderMap) -> Option<Token> {
    let (scheme, token) = single(headers, header::AUTHORIZATION.as_str())?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().parse().ok())?
}

/// The value of a header that is there once.
fn single<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let mut values = headers.get_all(name).iter();
    match (values.next(), values.next()) {
        (Some(value), None) => value.to_str().ok(),
        _ => None,
    }
}
