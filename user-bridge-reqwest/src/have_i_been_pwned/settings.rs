//! Where passwords are looked up, and how long that may take.

use std::{net::IpAddr, time::Duration};

use reqwest::Url;

use super::HaveIBeenPwnedError;

/// Where passwords are looked up, and how long that may take.
///
/// ```
/// use dullahan_user_bridge_reqwest::HaveIBeenPwnedSettings;
///
/// let settings = HaveIBeenPwnedSettings {
///     base_url: "https://pwned.cellar.example".to_owned(),
///     ..HaveIBeenPwnedSettings::default()
/// };
/// assert_eq!(settings.timeout.as_secs(), 2);
/// ```
#[derive(Debug, Clone)]
pub struct HaveIBeenPwnedSettings {
    /// Where the API is: at Have I Been Pwned itself, unless set to that of a copy of one's own.
    ///
    /// Without encryption (`http://`) whoever is on the way can pass any password off as a good one.
    pub base_url: String,
    /// How long the server has to take a connection: 1 second.
    pub connect_timeout: Duration,
    /// How long all of a look-up may take: 2 seconds. Somebody waits for it.
    pub timeout: Duration,
    /// How many bytes of an answer are read: 512 KiB; a range has less than a fifth of that.
    pub max_bytes: usize,
}

impl HaveIBeenPwnedSettings {
    /// The URL below which the ranges are.
    pub(super) fn base(&self) -> Result<Url, HaveIBeenPwnedError> {
        let url = Url::parse(&self.base_url).map_err(|_| HaveIBeenPwnedError::Url)?;
        let is_bare = url.query().is_none() && url.fragment().is_none() && !url.cannot_be_a_base();
        let is_http = matches!(url.scheme(), "http" | "https") && url.has_host();
        if is_bare && is_http { Ok(url) } else { Err(HaveIBeenPwnedError::Url) }
    }
}

impl Default for HaveIBeenPwnedSettings {
    fn default() -> Self {
        Self {
            base_url: "https://api.pwnedpasswords.com".to_owned(),
            connect_timeout: Duration::from_secs(1),
            timeout: Duration::from_secs(2),
            max_bytes: 512 * 1024,
        }
    }
}

/// Whether the server is on this machine.
pub(super) fn is_loopback(url: &Url) -> bool {
    let is_loopback = |address: IpAddr| address.is_loopback();
    url.host_str().is_some_and(|host| {
        let address = host.trim_start_matches('[').trim_end_matches(']');
        host == "localhost" || address.parse().is_ok_and(is_loopback)
    })
}

#[cfg(test)]
mod tests {
    use super::{HaveIBeenPwnedSettings, is_loopback};

    fn base(url: &str) -> Option<reqwest::Url> {
        let settings = HaveIBeenPwnedSettings {
            base_url: url.to_owned(),
            ..HaveIBeenPwnedSettings::default()
        };
        settings.base().ok()
    }

    #[test]
    fn what_is_no_place_of_ranges_is_refused() {
        assert!(HaveIBeenPwnedSettings::default().base().is_ok());
        for url in ["http://localhost:1", "https://x.test/pwned/", "https://[::1]:8080"] {
            assert!(base(url).is_some(), "{url}");
        }
        for url in ["", "x.test", "ftp://x.test", "https://x.test?a", "https://x.test#a", "data:,a"]
        {
            assert!(base(url).is_none(), "{url}");
        }
    }

    #[test]
    fn this_machine_is_told_from_others() {
        for (url, expected) in [
            ("http://localhost", true),
            ("http://127.0.0.1:1", true),
            ("http://[::1]", true),
            ("https://localhost.x.test", false),
            ("https://192.0.2.1", false),
        ] {
            assert_eq!(is_loopback(&base(url).unwrap()), expected, "{url}");
        }
    }
}
