//! What is asked of a request before anything is done: content type, origin, session, CSRF token.

use std::sync::atomic::Ordering;

use dullahan_core::{Context, Error, ErrorKind};
use http::{HeaderMap, HeaderValue, Method, header, request::Parts};

use super::{Origin, Problem, UserHttp, problem::Refusal};
use crate::{
    domain::{CurrentSession, DeviceMark, SessionTransport, Token},
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

/// What is asked of the head of every request first: where it may change something, JSON.
pub(super) fn check_content_type(head: &Parts) -> Result<(), Problem> {
    // No page can have a browser send DELETE to another origin without asking that origin first.
    let is_bare = head.method == Method::DELETE && !announces_a_body(&head.headers);
    if is_safe(&head.method) || is_bare || is_json(head) {
        Ok(())
    } else {
        Err(Problem::unsupported_media_type(&head.method))
    }
}

/// What is asked of the head of every request next: where it may change something, that no foreign page has sent it.
pub(super) async fn check_origin(http: &UserHttp, context: &Context) -> Result<(), Error> {
    match context.request() {
        Some(head) if !is_safe(&head.method) && page(http, head) == Page::Foreign => {
            refuse_foreign(http, context).await
        }
        _ => Ok(()),
    }
}

/// Refuses a request of a foreign page, whoever is signed in or not.
pub(super) async fn refuse_foreign(http: &UserHttp, context: &Context) -> Result<(), Error> {
    let check = CheckForgery { current: None, is_own_origin: false, has_csrf_token: true };
    http.users.core().dispatch(context, check).await
}

/// The session of the request.
pub(super) async fn signed_in(http: &UserHttp, context: &Context) -> Result<SignedIn, Error> {
    let Claim::Token(token, transport) = claim_of(http, context) else {
        return Err(unauthenticated(context));
    };
    let current = http.users.resolve(context, token.digest(), transport).await?;
    let current = current.ok_or_else(|| unauthenticated(context))?;
    Ok(SignedIn { current, token })
}

/// The refusal of a request without a live session. The challenge says so if it presented a bearer token.
pub(super) fn unauthenticated(context: &Context) -> Error {
    let error = Error::new(ErrorKind::Unauthenticated);
    let presented = context.request().map(|head| head.headers.get_all(header::AUTHORIZATION));
    let is_bearer = |value: &HeaderValue| {
        let scheme = value.as_bytes().split(|byte| *byte == b' ').next();
        scheme.is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer"))
    };
    if presented.is_some_and(|values| values.iter().any(is_bearer)) {
        error.with_source(InvalidBearerToken)
    } else {
        error
    }
}

/// A bearer token was presented that is expired, revoked, malformed or unknown.
#[derive(Debug, thiserror::Error)]
#[error("the bearer token is invalid")]
pub(super) struct InvalidBearerToken;

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
/// page has. With a bearer token neither is needed. RFC 6455 section 10.2: a WebSocket handshake is judged by its origin
/// alone, because a page cannot add a header to it.
pub(super) async fn check_forgery(
    http: &UserHttp,
    context: &Context,
    current: &CurrentSession,
    token: &Token,
) -> Result<(), Error> {
    let Some(head) = context.request() else { return Ok(()) };
    if changes_nothing(head) || current.session.transport == SessionTransport::Bearer {
        return Ok(());
    }
    let presented = single(&head.headers, "x-csrf-token");
    let check = CheckForgery {
        current: Some(current.clone()),
        is_own_origin: page(http, head) == Page::Own,
        has_csrf_token: is_upgrade(head)
            || presented.is_some_and(|presented| token.verifies_csrf(presented)),
    };
    http.users.core().dispatch(context, check).await
}

/// Whether a request that may change something comes from a foreign page, whoever sent it.
pub(super) fn is_from_foreign_page(http: &UserHttp, context: &Context) -> bool {
    let head = context.request();
    head.is_some_and(|head| !changes_nothing(head) && page(http, head) == Page::Foreign)
}

fn is_safe(method: &Method) -> bool {
    matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

/// Whether a request can change nothing. What is said over an upgraded connection can.
fn changes_nothing(head: &Parts) -> bool {
    is_safe(&head.method) && !is_upgrade(head)
}

/// Whether a request asks for another protocol on its connection, as the handshake of a WebSocket does.
fn is_upgrade(head: &Parts) -> bool {
    head.method == Method::GET && head.headers.contains_key(header::UPGRADE)
}

fn announces_a_body(headers: &HeaderMap) -> bool {
    headers.contains_key(header::TRANSFER_ENCODING)
        || headers.get_all(header::CONTENT_LENGTH).iter().any(|length| length != "0")
}

/// Whether the body is JSON by its content type. A `PATCH` merges what it is sent, and may say so.
///
/// # Rule
///
/// RFC 7396 section 4.
fn is_json(head: &Parts) -> bool {
    single(&head.headers, header::CONTENT_TYPE.as_str()).is_some_and(|value| {
        let essence = value.split(';').next().unwrap_or_default().trim();
        essence.eq_ignore_ascii_case("application/json")
            || head.method == Method::PATCH
                && essence.eq_ignore_ascii_case("application/merge-patch+json")
    })
}

/// Which page a request comes from, as far as its browser says.
#[derive(Debug, PartialEq, Eq)]
enum Page {
    Own,
    Foreign,
    /// No browser of today leaves this out; other clients do.
    Unsaid,
}

/// Which page a request comes from. The log names the setting to change, in case it is a page of the service after all.
fn page(http: &UserHttp, head: &Parts) -> Page {
    let page = page_by_headers(http, head);
    if page == Page::Foreign {
        let text = |name| single(&head.headers, name).map(|text| text.get(..200).unwrap_or(text));
        let (origin, referer) = (text("origin"), text("referer"));
        let (origin, referer) = (origin.unwrap_or("none"), referer.unwrap_or("none"));
        if http.has_warned_of_origin.swap(true, Ordering::Relaxed) {
            tracing::debug!(origin, referer, "refused a request of a page of another origin");
        } else {
            tracing::warn!(
                origin,
                referer,
                "refused a request of a page whose origin is not allowed; if it is a page of this service, add its \
                 origin to `HttpSettings::allowed_origins` (further ones are logged at the level DEBUG)"
            );
        }
    }
    page
}

/// # Rule
///
/// OWASP Cross-Site Request Forgery Prevention Cheat Sheet, Fetch Metadata: `Sec-Fetch-Site` decides. `none` is a request
/// that the user has made by the browser itself, which no page can. Where it says anything but `same-origin` and `none`,
/// `Origin` is compared with the allowed origins, and where neither is there, `Referer` is.
fn page_by_headers(http: &UserHttp, head: &Parts) -> Page {
    let allowed = |origin: &str| {
        let mut allowed = http.settings.allowed_origins.iter().map(Origin::as_str);
        if allowed.any(|allowed| allowed == origin) { Page::Own } else { Page::Foreign }
    };
    let from = single(&head.headers, "origin");
    if head.headers.contains_key("sec-fetch-site") {
        return match single(&head.headers, "sec-fetch-site") {
            Some("same-origin") => Page::Own,
            Some("none") if !head.headers.contains_key("origin") => Page::Own,
            _ => from.map_or(Page::Foreign, allowed),
        };
    }
    if let Some(from) = from {
        return allowed(from);
    }
    match single(&head.headers, "referer") {
        Some(referer) => origin_of(referer).map_or(Page::Foreign, |from| allowed(from.as_str())),
        None if head.headers.contains_key("origin") => Page::Foreign,
        None => Page::Unsaid,
    }
}

/// The origin of an address, such as `https://app.example`.
fn origin_of(address: &str) -> Option<Origin> {
    let uri = address.parse::<http::Uri>().ok()?;
    format!("{}://{}", uri.scheme_str()?, uri.authority()?).parse().ok()
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
    let mut tokens = cookies_named(&head.headers, http.settings.cookie.name());
    match (tokens.next(), tokens.next()) {
        (Some(token), None) => str::from_utf8(token.strip_suffix(WINDOW_ONLY).unwrap_or(token))
            .ok()
            .and_then(|token| token.parse().ok())
            .map_or(Claim::None, |token| Claim::Token(token, SessionTransport::Cookie)),
        _ => Claim::None,
    }
}

/// The mark of the browser that the request comes from, if it has one.
pub(super) fn device_mark(http: &UserHttp, context: &Context) -> Option<DeviceMark> {
    let name = http.settings.cookie.device_name();
    let mut marks = cookies_named(&context.request()?.headers, &name);
    match (marks.next(), marks.next()) {
        (Some(mark), None) => str::from_utf8(mark).ok()?.parse().ok(),
        _ => None,
    }
}

/// Ends the value of a cookie that lasts as long as the browser's window. The browser does not say so with the cookie, and
/// the cookie that takes its place has to last as long.
pub(super) const WINDOW_ONLY: &[u8] = b".window";

/// Whether the cookie of the request outlives the browser's window.
pub(super) fn is_remembered(http: &UserHttp, context: &Context) -> bool {
    let headers = context.request().map(|head| &head.headers);
    let mut cookies =
        headers.into_iter().flat_map(|headers| cookies_named(headers, http.settings.cookie.name()));
    !cookies.any(|value| value.ends_with(WINDOW_ONLY))
}

/// Whether the request has a session cookie, of whatever worth, and nothing that counts before it.
pub(super) fn has_cookie(http: &UserHttp, context: &Context) -> bool {
    context.request().is_some_and(|head| {
        !head.headers.contains_key(header::AUTHORIZATION)
            && cookies_named(&head.headers, http.settings.cookie.name()).next().is_some()
    })
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
