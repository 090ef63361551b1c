//! What an application decides about HTTP.

/// What an application decides about HTTP. The defaults are safe ones.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// The origins whose pages may change something, such as `https://app.example`, where they are not the
    /// origin of the service itself. Compared whole, and never taken from a request.
    pub allowed_origins: Vec<String>,
    /// The most bytes that a body may have: 64 KiB.
    pub body_limit: usize,
    /// The name of the session cookie: `__Host-session`.
    ///
    /// # Rule
    ///
    /// RFC 6265bis section 4.1.3.2: the prefix `__Host-` makes a browser refuse the cookie unless it is secure, without a
    /// domain and for the whole host. So keep the prefix.
    pub cookie_name: String,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            body_limit: 64 * 1024,
            cookie_name: "__Host-session".to_owned(),
        }
    }
}
