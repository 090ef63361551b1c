//! A request that may change something says where it comes from.

use dullahan_core::Event;

use crate::domain::CurrentSession;

/// A request that may change something came with a cookie, which a browser sends by itself: it has to come from a
/// page of the service and to carry the session's CSRF token. Or it came from a foreign page, with a cookie or without.
///
/// # Rule
///
/// ASVS 5.0 items 3.5.1 to 3.5.3, OWASP Cross-Site Request Forgery Prevention Cheat Sheet.
#[derive(Debug, Event)]
#[event(output = (), preventable)]
pub struct CheckForgery {
    /// The session of the cookie; none where a foreign page is refused before the session is looked up.
    pub current: Option<CurrentSession>,
    /// Whether the browser says that the request comes from a page of the service.
    pub is_own_origin: bool,
    /// Whether it carries the CSRF token of the session, or needs none.
    pub has_csrf_token: bool,
}
