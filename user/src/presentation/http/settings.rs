//! What an application decides about HTTP.

use std::time::Duration;

use super::{ClientAddresses, Origin, SessionCookie, TrustedProxies};

/// What an application decides about HTTP. The defaults are safe ones.
#[derive(Debug, Clone)]
pub struct HttpSettings {
    /// The origins whose pages may change something, such as `https://app.example`. They are never taken from a request.
    ///
    /// Over HTTPS and on `http://localhost` you need not list the service's own origin: current browsers send
    /// `Sec-Fetch-Site` there. List it if the service's pages are reached over plain HTTP by any other name or address, for
    /// example `http://192.168.1.5:8080`, because browsers send only `Origin` then. Pages of another origin also need an
    /// answer to their browser's CORS request, which a layer of the application gives. The log has a warning that names the
    /// first origin that was refused.
    pub allowed_origins: Vec<Origin>,
    /// The most bytes that a body may have: 64 KiB.
    pub body_limit: usize,
    /// How long the body of a request may take to come in: 10 seconds.
    pub body_timeout: Duration,
    /// How long a request may take from there to its answer: 30 seconds. Past it the work is dropped where it
    /// stands, which rolls it back, and the answer is 503 `deadline_exceeded`. Work that is being committed by then is not
    /// dropped: see [`completion_limit`](Self::completion_limit).
    pub time_limit: Duration,
    /// How much longer a request may take whose work was being committed when its time was up: 10 seconds. So what is
    /// stored is answered with what was asked for. Past it the answer is 503 `outcome_unknown`, and the core's
    /// [spawner](dullahan_core::Spawner) finishes the work.
    pub completion_limit: Duration,
    /// The proxies whose `X-Forwarded-For` says where a request comes from: none. The PROXY protocol is not understood; a proxy
    /// that speaks it has to be set to speak HTTP and to add the header.
    pub trusted_proxies: TrustedProxies,
    /// Whether the server tells the addresses of clients, which they are limited by: required, so that a server which does not
    /// is noticed at the first request.
    pub client_addresses: ClientAddresses,
    /// Whether `GET /auth/openapi.json` shows the description of the contract: no.
    ///
    /// # Rule
    ///
    /// ASVS 5.0 item 13.4.5: documentation is shown only where that is intended.
    pub shows_openapi: bool,
    /// The URL below which clients reach the routes, for the description of the contract: `/`. An application that mounts
    /// them below a path says so here, for example `/api` or `https://app.example/api`.
    pub server_url: String,
    /// The name and the attributes of the session cookie: `__Host-session`, `Secure`, `SameSite=Lax`.
    ///
    /// # Rule
    ///
    /// RFC 6265bis section 4.1.3.2: the prefix `__Host-` makes a browser refuse the cookie unless it is secure, without a
    /// domain and for the whole host. So keep the prefix.
    pub cookie: SessionCookie,
}

impl Default for HttpSettings {
    fn default() -> Self {
        Self {
            allowed_origins: Vec::new(),
            body_limit: 64 * 1024,
            body_timeout: Duration::from_secs(10),
            time_limit: Duration::from_secs(30),
            completion_limit: Duration::from_secs(10),
            trusted_proxies: TrustedProxies::default(),
            client_addresses: ClientAddresses::default(),
            shows_openapi: false,
            server_url: "/".to_owned(),
            cookie: SessionCookie::default(),
        }
    }
}
