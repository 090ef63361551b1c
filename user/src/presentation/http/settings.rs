//! What an application decides about HTTP.

use std::time::Duration;

use http::Uri;

use super::{ClientAddresses, Origin, SessionCookie, TrustedProxies};
use crate::domain::{Check, InvalidSettings};

/// What an application decides about HTTP. The defaults are safe ones.
///
/// [`UserHttp::new`](super::UserHttp::new) refuses values that make no sense, all at once.
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
    /// The most bytes that a body may have: 64 KiB, and no less than 1 KiB.
    pub body_limit: usize,
    /// How long the body of a request may take to come in: 10 seconds.
    pub body_timeout: Duration,
    /// How long a request may take from there to its answer: 30 seconds. Past it the work is dropped where it
    /// stands, which rolls it back, and the answer is 503 `deadline_exceeded`. Work that is being committed by then is not
    /// dropped: see [`completion_limit`](Self::completion_limit).
    pub time_limit: Duration,
    /// How much longer a request may take whose work was being committed when its time was up: 10 seconds. So what is
    /// stored is answered with what was asked for. Past it the answer is 503 `outcome_unknown`, and the core's
    /// [spawner](dullahan_core::unit_of_work::Spawner) finishes the work.
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

/// What a registration takes, at the least.
const LEAST_BODY: usize = 1024;

impl HttpSettings {
    /// A line for each setting, in their order. A new one does not compile until it has its own.
    pub(super) fn check(&self) -> Result<(), InvalidSettings> {
        let Self {
            allowed_origins: _,
            body_limit,
            body_timeout,
            time_limit,
            completion_limit,
            trusted_proxies: _,
            client_addresses: _,
            shows_openapi: _,
            server_url,
            cookie: _,
        } = self;
        let mut check = Check::of("HttpSettings");
        check.at_least("body_limit", *body_limit, LEAST_BODY, "a registration would not fit");
        let times = [
            ("body_timeout", body_timeout, "no body would come in in time"),
            ("time_limit", time_limit, "no request would be answered in time"),
            (
                "completion_limit",
                completion_limit,
                "what is stored would be answered as if unknown",
            ),
        ];
        for (setting, time, reason) in times {
            check.at_least(setting, *time, Duration::from_millis(1), reason);
        }
        let advice = "clients would not find the routes; write a path such as `/api`, or a whole URL such as \
                      `https://app.example/api`, without a query";
        check.expect("server_url", server_url, is_path_or_url(server_url), advice);
        check.finish()
    }
}

/// Whether clients can put the path of a route at its end.
fn is_path_or_url(text: &str) -> bool {
    let is_plain =
        text.bytes().all(|byte| byte.is_ascii_graphic() && !b"?#{}\\\"<>".contains(&byte));
    let is_reachable = |uri: Uri| match uri.scheme_str() {
        None => text.starts_with('/') && !text.starts_with("//"),
        Some(scheme) => matches!(scheme, "http" | "https"),
    };
    is_plain && text.parse().is_ok_and(is_reachable)
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use dullahan_core::Core;

    use super::HttpSettings;
    use crate::presentation::http::UserHttp;

    /// What is wrong with these settings, each as its name.
    fn defects(settings: HttpSettings) -> Vec<String> {
        let core = Core::builder().build().unwrap();
        let Err(invalid) = UserHttp::new(core, settings) else { return Vec::new() };
        invalid.defects().iter().map(|defect| defect.setting().to_owned()).collect()
    }

    #[test]
    fn user_17_all_settings_of_http_that_make_no_sense_are_refused_at_once() {
        assert_eq!(defects(HttpSettings::default()), [""; 0]);
        let settings = HttpSettings {
            body_limit: 0,
            body_timeout: Duration::ZERO,
            time_limit: Duration::ZERO,
            completion_limit: Duration::ZERO,
            server_url: "app.example".to_owned(),
            ..HttpSettings::default()
        };
        let expected =
            ["body_limit", "body_timeout", "time_limit", "completion_limit", "server_url"];
        assert_eq!(defects(settings), expected.map(|name| format!("HttpSettings::{name}")));
        let generous = HttpSettings {
            body_limit: usize::MAX,
            body_timeout: Duration::MAX,
            time_limit: Duration::MAX,
            completion_limit: Duration::MAX,
            ..HttpSettings::default()
        };
        assert_eq!(defects(generous), [""; 0]);
    }

    #[test]
    fn user_17_the_url_of_the_server_is_a_path_or_a_whole_url() {
        let is_fine = |url: &str| {
            let server_url = url.to_owned();
            defects(HttpSettings { server_url, ..HttpSettings::default() }).is_empty()
        };
        for url in ["/", "/api", "/api/v1/", "https://app.example", "http://localhost:8080/api"] {
            assert!(is_fine(url), "{url}");
        }
        for url in [
            "",
            "api",
            "app.example/api",
            "//app.example/api",
            "ftp://app.example",
            "https://",
            "/api?x=1",
            "/api#x",
            "https://app.example/a b",
            "/api\r\nx",
            "*",
        ] {
            assert!(!is_fine(url), "{url:?}");
        }
    }
}
