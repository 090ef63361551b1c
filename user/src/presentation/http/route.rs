//! The routes of the contract.

use http::{Method, Uri};

use super::Problem;

/// A route of the contract, for a bridge to mount.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Route {
    /// The method. `HEAD` comes with `GET`.
    pub method: Method,
    /// The path; a segment in braces, such as `{id}`, stands for any one segment.
    pub path: &'static str,
}

/// What a route leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Endpoint {
    Register,
    Activate,
    ResendActivation,
    LogIn,
    LogOut,
    Reauthenticate,
    CsrfToken,
    ForgotPassword,
    ResetPassword,
    ConfirmEmailChange,
    CancelEmailChange,
    ShowAccount,
    UpdateAccount,
    ChangePassword,
    ChangeEmail,
    ListSessions,
    RevokeOtherSessions,
    RevokeSession,
    RemoveAccount,
    ExportAccount,
    OpenApi,
}

/// The endpoint that a request has found, and what stood in the place of the segment in braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) endpoint: Endpoint,
    pub(super) parameter: Option<String>,
}

macro_rules! routes {
    ($($method:ident $path:literal => $endpoint:ident,)*) => {
        pub(super) static ROUTES: &[Route] = &[
            $(Route { method: Method::$method, path: $path },)*
        ];

        /// What the routes lead to, in the same order, and where in its path the segment in braces begins.
        static ENDPOINTS: &[(Endpoint, Option<usize>)] =
            &[$((Endpoint::$endpoint, brace_in($path)),)*];
    };
}

routes! {
    POST "/auth/registration" => Register,
    POST "/auth/activation" => Activate,
    POST "/auth/activation/resend" => ResendActivation,
    POST "/auth/login" => LogIn,
    POST "/auth/logout" => LogOut,
    POST "/auth/reauth" => Reauthenticate,
    GET "/auth/csrf" => CsrfToken,
    POST "/auth/password/forgot" => ForgotPassword,
    POST "/auth/password/reset" => ResetPassword,
    POST "/auth/email/confirm" => ConfirmEmailChange,
    POST "/auth/email/cancel" => CancelEmailChange,
    GET "/account" => ShowAccount,
    PATCH "/account" => UpdateAccount,
    POST "/account/password" => ChangePassword,
    POST "/account/email" => ChangeEmail,
    GET "/account/sessions" => ListSessions,
    DELETE "/account/sessions" => RevokeOtherSessions,
    DELETE "/account/sessions/{id}" => RevokeSession,
    POST "/account/removal" => RemoveAccount,
    GET "/account/export" => ExportAccount,
    GET "/auth/openapi.json" => OpenApi,
}

/// Finds the route of a request.
pub(super) fn find(method: &Method, path: &str) -> Result<Found, Problem> {
    let asked = if method == Method::HEAD { &Method::GET } else { method };
    let mut allowed = Vec::new();
    for (route, &(endpoint, brace)) in ROUTES.iter().zip(ENDPOINTS) {
        let Some(parameter) = matched(route.path, brace, path) else { continue };
        if route.method == asked {
            return Ok(Found { endpoint, parameter: parameter.map(str::to_owned) });
        }
        allowed.push(route.method.clone());
        if route.method == Method::GET {
            allowed.push(Method::HEAD);
        }
    }
    if allowed.is_empty() {
        return Err(Problem::not_found());
    }
    Err(Problem::method_not_allowed(&allowed))
}

/// Where the segment in braces begins.
const fn brace_in(path: &str) -> Option<usize> {
    let (path, mut at) = (path.as_bytes(), 0);
    while at < path.len() {
        if path[at] == b'{' {
            return Some(at);
        }
        at += 1;
    }
    None
}

/// An address below the mount of the contract, for a framework that tells the whole one: with so many segments of its
/// path as the route has, as the client wrote them.
///
/// ```
/// use dullahan_user::presentation::http::below_mount;
///
/// let uri = below_mount(&"/api/v1/account/sessions?except=current".parse()?, 2);
/// assert_eq!(uri, "/account/sessions?except=current");
/// # Ok::<(), http::uri::InvalidUri>(())
/// ```
pub fn below_mount(uri: &Uri, segments: usize) -> Uri {
    let path = uri.path();
    let start = segments.checked_sub(1).and_then(|before| path.rmatch_indices('/').nth(before));
    let below = start.map_or("/", |(start, _)| &path[start..]);
    let query = uri.query().map(|query| format!("?{query}")).unwrap_or_default();
    format!("{below}{query}").parse().unwrap_or_default()
}

/// Whether a path is one of the route; the inner option is what stood for the segment in braces.
fn matched<'p>(route: &str, brace: Option<usize>, path: &'p str) -> Option<Option<&'p str>> {
    let Some(brace) = brace else {
        return (route == path).then_some(None);
    };
    let (before, rest) = route.split_at(brace);
    let (_, after) = rest.split_once('}')?;
    let segment = path.strip_prefix(before)?.strip_suffix(after)?;
    (!segment.is_empty() && !segment.contains('/')).then_some(Some(segment))
}

#[cfg(test)]
mod tests {
    use http::{Method, StatusCode};

    use super::{ENDPOINTS, Endpoint, ROUTES, below_mount, find};

    #[test]
    fn every_route_is_found_by_its_own_method_and_path() {
        assert_eq!(ROUTES.len(), ENDPOINTS.len());
        for (route, (endpoint, _)) in ROUTES.iter().zip(ENDPOINTS) {
            assert_eq!(find(&route.method, route.path).unwrap().endpoint, *endpoint);
        }
    }

    #[test]
    fn a_segment_in_braces_stands_for_any_one_segment() {
        let found = find(&Method::DELETE, "/account/sessions/x-1").unwrap();
        assert_eq!(found.endpoint, Endpoint::RevokeSession);
        assert_eq!(found.parameter.as_deref(), Some("x-1"));
        for path in ["/account/sessions/", "/account/sessions/a/b", "/account/sessions//"] {
            let refused = find(&Method::DELETE, path).unwrap_err();
            assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }

    #[test]
    fn head_comes_with_get_and_nothing_else() {
        assert_eq!(find(&Method::HEAD, "/account").unwrap().endpoint, Endpoint::ShowAccount);
        let refused = find(&Method::HEAD, "/auth/login").unwrap_err();
        assert_eq!(refused.status(), StatusCode::METHOD_NOT_ALLOWED);
    }

    #[test]
    fn what_is_below_the_mount_is_as_the_client_wrote_it() {
        for (uri, segments, below) in [
            ("/auth/login", 2, "/auth/login"),
            ("/api//auth/l%6fgin?x=/y/z", 2, "/auth/l%6fgin?x=/y/z"),
            ("/api//account", 2, "//account"),
            ("http://x.test/api/account", 1, "/account"),
            ("/api/", 1, "/"),
            ("/api", 0, "/"),
            ("/api", 2, "/"),
        ] {
            assert_eq!(below_mount(&uri.parse().unwrap(), segments), below, "{uri}");
        }
    }

    #[test]
    fn a_path_is_taken_literally() {
        for path in
            ["/", "", "/account/", "//account", "/Account", "/account/../account", "/%61ccount"]
        {
            let refused = find(&Method::GET, path).unwrap_err();
            assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{path}");
        }
    }
}
