//! The origins whose pages may change something.

use std::{fmt, net::Ipv6Addr, str::FromStr};

/// A scheme, a host and a port: where a page comes from, written as browsers write it.
///
/// Reading one normalises it, so that a capital letter, the default port, a slash at the end and a domain outside of ASCII
/// do not make a difference. A path, a query, a wildcard and `null` are refused.
///
/// # Rule
///
/// RFC 6454 section 6.2 and the HTML standard, "ASCII serialisation of an origin".
///
/// ```
/// use dullahan_user::presentation::http::Origin;
///
/// let origin: Origin = "HTTPS://App.Example:443/".parse()?;
/// assert_eq!(origin.as_str(), "https://app.example");
/// assert!("https://app.example/login".parse::<Origin>().is_err());
/// # Ok::<(), dullahan_user::presentation::http::InvalidOrigin>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Origin(String);

/// The text is not an origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is a scheme, a host, and a port unless it is the default one, such as \
     `https://app.example` or `http://localhost:8080`"
)]
pub struct InvalidOrigin;

impl Origin {
    /// The origin as browsers write it in the header `Origin`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = InvalidOrigin;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (scheme, authority) = text.trim().split_once("://").ok_or(InvalidOrigin)?;
        let authority = authority.strip_suffix('/').unwrap_or(authority);
        let is_of_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
        if !scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            || !scheme.chars().all(is_of_scheme)
        {
            return Err(InvalidOrigin);
        }
        let scheme = scheme.to_ascii_lowercase();
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
            _ => (authority, None),
        };
        let port = match port.map(str::parse::<u16>) {
            None => None,
            Some(port) => Some(port.map_err(|_| InvalidOrigin)?),
        };
        let host = host_of(host)?;
        let default = match scheme.as_str() {
            "http" => Some(80),
            "https" => Some(443),
            _ => None,
        };
        match port.filter(|port| Some(*port) != default) {
            Some(port) => Ok(Self(format!("{scheme}://{host}:{port}"))),
            None => Ok(Self(format!("{scheme}://{host}"))),
        }
    }
}

/// A host as browsers write it.
fn host_of(text: &str) -> Result<String, InvalidOrigin> {
    if let Some(address) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let address = address.parse::<Ipv6Addr>().map_err(|_| InvalidOrigin)?;
        return Ok(format!("[{address}]"));
    }
    let host = idna::domain_to_ascii(text).map_err(|_| InvalidOrigin)?;
    let is_of_host = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
    if host.is_empty() || !host.chars().all(is_of_host) { Err(InvalidOrigin) } else { Ok(host) }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::{InvalidOrigin, Origin};

    #[test]
    fn pub_14_an_origin_is_read_as_browsers_write_it() {
        for (text, expected) in [
            ("https://app.example", "https://app.example"),
            ("https://app.example/", "https://app.example"),
            ("HTTPS://App.Example", "https://app.example"),
            ("https://app.example:443", "https://app.example"),
            ("http://app.example:80/", "http://app.example"),
            ("http://app.example:443", "http://app.example:443"),
            (" http://localhost:8080 ", "http://localhost:8080"),
            ("http://192.168.1.5:8080", "http://192.168.1.5:8080"),
            ("http://[::1]:3000", "http://[::1]:3000"),
            ("http://[0:0:0:0:0:0:0:1]", "http://[::1]"),
            ("https://bücher.example", "https://xn--bcher-kva.example"),
            ("capacitor://localhost", "capacitor://localhost"),
        ] {
            assert_eq!(text.parse::<Origin>().unwrap().as_str(), expected, "{text}");
        }
    }

    #[test]
    fn pub_14_what_is_no_origin_is_refused() {
        for text in [
            "",
            "null",
            "*",
            "app.example",
            "//app.example",
            "https://",
            "https://*",
            "https://*.example",
            "https://app.example/login",
            "https://app.example//",
            "https://app.example?x",
            "https://app.example#x",
            "https://ada@app.example",
            "https://app.example:http",
            "https://app.example:",
            "https://app.example:65536",
            "https://app example",
            "https://a.example, https://b.example",
            "ht tp://app.example",
            "http://[::1",
        ] {
            assert_eq!(text.parse::<Origin>(), Err(InvalidOrigin), "{text}");
        }
    }
}
