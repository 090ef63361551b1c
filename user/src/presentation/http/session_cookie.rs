//! The cookie that a browser's session travels in.

use cookie::Cookie;
use time::Duration;

/// The name and the attributes of the cookie that a browser's session travels in. It is always `HttpOnly` and `Path=/`.
///
/// The default is `__Host-session`, `Secure` and `SameSite=Lax`. Two kinds of services need another one:
///
/// ```
/// use dullahan_user::presentation::http::{CookieAttributes, SameSite, SessionCookie};
///
/// // Pages of another site, for example https://app.example with the service at https://api.test. The origin of the pages
/// // is one of the allowed ones, and a layer of the application answers their CORS requests.
/// let for_another_site = CookieAttributes { same_site: SameSite::None, ..Default::default() };
/// SessionCookie::new("__Host-session", for_another_site)?;
///
/// // Plain HTTP on a developer's machine: Safari drops cookies with `Secure` on http://localhost.
/// let insecure = CookieAttributes { is_secure: false, ..Default::default() };
/// SessionCookie::new("session", insecure)?;
/// # Ok::<(), dullahan_user::presentation::http::InvalidSessionCookie>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionCookie {
    name: String,
    attributes: CookieAttributes,
}

/// The attributes of a session cookie that a service may want to be different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CookieAttributes {
    /// Which requests of pages of other sites the cookie accompanies: `Lax`, navigations only.
    pub same_site: SameSite,
    /// The domain whose hosts all get the cookie: none, so that this host alone does.
    pub domain: Option<String>,
    /// Whether the cookie travels over HTTPS only: yes.
    pub is_secure: bool,
}

/// Which requests of pages of other sites a cookie accompanies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SameSite {
    /// None.
    Strict,
    /// Navigations.
    Lax,
    /// All. Browsers may still refuse cookies of other sites altogether.
    None,
}

/// A session cookie that browsers would drop. The message says everything that is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("browsers would refuse the session cookie: {}", .0.join("; "))]
pub struct InvalidSessionCookie(Vec<&'static str>);

impl SessionCookie {
    /// A cookie of this name with these attributes.
    ///
    /// # Rule
    ///
    /// RFC 6265bis: section 4.1.1 for the name, 4.1.3 for the prefixes `__Secure-` and `__Host-`, 5.7 for `SameSite=None`
    /// without `Secure`.
    ///
    /// # Errors
    ///
    /// When browsers would refuse it.
    pub fn new(name: &str, attributes: CookieAttributes) -> Result<Self, InvalidSessionCookie> {
        let mut wrong = Vec::new();
        if name.is_empty() || !name.bytes().all(is_of_token) {
            wrong.push("its name is empty or has a character that no cookie's name may have");
        }
        let has_prefix =
            |prefix: &str| name.get(..prefix.len()).is_some_and(|p| p.eq_ignore_ascii_case(prefix));
        let is_host = has_prefix("__Host-");
        if (is_host || has_prefix("__Secure-")) && !attributes.is_secure {
            wrong.push("its prefix asks for `Secure`");
        }
        if is_host && attributes.domain.is_some() {
            wrong.push("its prefix `__Host-` allows no domain; use `__Secure-`");
        }
        if attributes.same_site == SameSite::None && !attributes.is_secure {
            wrong.push("`SameSite=None` asks for `Secure`");
        }
        if attributes.domain.as_deref().is_some_and(|domain| !is_domain(domain)) {
            wrong.push("its domain is not a domain");
        }
        if wrong.is_empty() {
            Ok(Self { name: name.to_owned(), attributes })
        } else {
            Err(InvalidSessionCookie(wrong))
        }
    }

    /// The name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The name of the cookie by which a browser is known that has signed in before: this one's with `-device` at its end.
    pub(super) fn device_name(&self) -> String {
        format!("{}-device", self.name)
    }

    /// Whether its name has a prefix by which browsers refuse one that another host or plain HTTP has set.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 items 3.3.1 and 3.3.3.
    pub(super) fn is_protected(&self) -> bool {
        let name = self.name.to_ascii_lowercase();
        name.starts_with("__host-") || name.starts_with("__secure-")
    }

    /// The header that sets it, for so long, or for as long as the browser's window.
    pub(super) fn header(&self, value: &str, max_age: Option<Duration>) -> String {
        self.header_of(&self.name, value, max_age)
    }

    /// The header that sets the cookie by which a browser is known.
    pub(super) fn device_header(&self, value: &str, max_age: Option<Duration>) -> String {
        self.header_of(&self.device_name(), value, max_age)
    }

    fn header_of(&self, name: &str, value: &str, max_age: Option<Duration>) -> String {
        let mut cookie = Cookie::build((name, value))
            .path("/")
            .http_only(true)
            .secure(self.attributes.is_secure)
            .same_site(match self.attributes.same_site {
                SameSite::Strict => cookie::SameSite::Strict,
                SameSite::Lax => cookie::SameSite::Lax,
                SameSite::None => cookie::SameSite::None,
            });
        if let Some(domain) = &self.attributes.domain {
            cookie = cookie.domain(domain.as_str());
        }
        if let Some(max_age) = max_age {
            cookie = cookie.max_age(max_age);
        }
        cookie.to_string()
    }
}

impl Default for SessionCookie {
    fn default() -> Self {
        Self { name: "__Host-session".to_owned(), attributes: CookieAttributes::default() }
    }
}

/// # Rule
///
/// ASVS 5.0 items 3.3.1 to 3.3.4.
impl Default for CookieAttributes {
    fn default() -> Self {
        Self { same_site: SameSite::Lax, domain: None, is_secure: true }
    }
}

/// Whether a token of HTTP may have this byte.
fn is_of_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

fn is_domain(text: &str) -> bool {
    let is_of_label = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.split('.').all(|label| !label.is_empty() && label.bytes().all(is_of_label))
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::{CookieAttributes, SameSite, SessionCookie};

    fn attributes(same_site: SameSite, domain: Option<&str>, is_secure: bool) -> CookieAttributes {
        CookieAttributes { same_site, domain: domain.map(str::to_owned), is_secure }
    }

    #[test]
    fn pub_24_a_cookie_is_set_with_its_attributes() {
        let default = SessionCookie::default();
        assert_eq!(
            default.header("x", Some(Duration::seconds(5))),
            "__Host-session=x; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=5"
        );
        let shared = attributes(SameSite::None, Some("example.org"), true);
        let cookie = SessionCookie::new("__Secure-session", shared).unwrap();
        assert_eq!(
            cookie.header("x", None),
            "__Secure-session=x; HttpOnly; SameSite=None; Secure; Path=/; Domain=example.org"
        );
        assert!(default.is_protected() && cookie.is_protected());
        let plain = attributes(SameSite::Strict, None, false);
        let cookie = SessionCookie::new("session", plain).unwrap();
        assert_eq!(cookie.header("x", None), "session=x; HttpOnly; SameSite=Strict; Path=/");
        assert!(!cookie.is_protected());
    }

    #[test]
    fn pub_24_a_cookie_that_browsers_would_refuse_is_refused() {
        for (name, attributes, reasons) in [
            ("", CookieAttributes::default(), 1),
            ("a;b=c", CookieAttributes::default(), 1),
            ("a\r\nb", CookieAttributes::default(), 1),
            ("a b", CookieAttributes::default(), 1),
            ("é", CookieAttributes::default(), 1),
            ("__Host-x", attributes(SameSite::Lax, Some("x.test"), true), 1),
            ("__host-x", attributes(SameSite::Lax, None, false), 1),
            ("__Secure-x", attributes(SameSite::Lax, None, false), 1),
            ("x", attributes(SameSite::None, None, false), 1),
            ("x", attributes(SameSite::Lax, Some("x.test; Path=/y"), true), 1),
            ("x", attributes(SameSite::Lax, Some(""), true), 1),
            ("__Host-x y", attributes(SameSite::None, Some("*"), false), 5),
        ] {
            let refused = SessionCookie::new(name, attributes).unwrap_err();
            assert_eq!(refused.0.len(), reasons, "{name}: {refused}");
        }
    }
}
