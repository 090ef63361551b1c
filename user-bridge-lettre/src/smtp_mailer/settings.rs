//! Which server mails go through, and how.

use std::{net::IpAddr, str::FromStr, time::Duration};

use percent_encoding::percent_decode_str;
use url::{Host, Url};

use super::SmtpCredentials;
use crate::address::ascii_host;

/// Which server mails go through, and how.
///
/// ```
/// use dullahan_user_bridge_lettre::{SmtpSecurity, SmtpSettings};
///
/// let settings: SmtpSettings = "smtp://cellar:secret@mail.example".parse()?;
/// assert_eq!((settings.security, settings.port), (SmtpSecurity::StartTls, 587));
/// let settings: SmtpSettings = "smtps://cellar:secret@mail.example".parse()?;
/// assert_eq!((settings.security, settings.port), (SmtpSecurity::Tls, 465));
/// let settings: SmtpSettings = "smtp://localhost:1025?tls=none".parse()?;
/// assert_eq!((settings.security, settings.port), (SmtpSecurity::None, 1025));
/// # Ok::<(), dullahan_user_bridge_lettre::InvalidSmtpUrl>(())
/// ```
#[derive(Debug, Clone)]
pub struct SmtpSettings {
    /// The server's name or address; its certificate has to be for that.
    pub host: String,
    /// The server's port: 587 unless set, 465 with [`SmtpSecurity::Tls`] in a URL.
    pub port: u16,
    /// How the connection is encrypted: by `STARTTLS` unless set.
    pub security: SmtpSecurity,
    /// What to sign in with, if the server asks for it.
    pub credentials: Option<SmtpCredentials>,
    /// Certificates in PEM form to trust besides those of the system, of a company's own authority say.
    pub root_certificates: Option<Vec<u8>>,
    /// How this program calls itself to the server; the domain of the sender unless set.
    pub hello_name: Option<String>,
    /// How long each address of the server has to take a connection: 10 seconds.
    pub connect_timeout: Duration,
    /// How long all of it may take for one mail: 45 seconds. It is shorter than the `mail_lease` of the user module, or else
    /// another worker would send the same mail meanwhile; `build()` checks that.
    pub timeout: Duration,
    /// How long a connection is kept that nobody uses: 1 minute.
    ///
    /// # Rule
    ///
    /// RFC 5321 section 4.5.3.2.7: a server waits 5 minutes at least.
    pub idle_timeout: Duration,
    /// How many connections are kept that nobody uses: 2. With 0 each mail has its own.
    pub idle_connections: usize,
}

impl SmtpSettings {
    /// The settings for a server, encrypted by `STARTTLS` on port 587.
    pub fn new(host: impl Into<String>) -> Self {
        Self {
            host: host.into(),
            port: 587,
            security: SmtpSecurity::StartTls,
            credentials: None,
            root_certificates: None,
            hello_name: None,
            connect_timeout: Duration::from_secs(10),
            timeout: Duration::from_secs(45),
            idle_timeout: Duration::from_secs(60),
            idle_connections: 2,
        }
    }

    /// Whether the server is on this machine.
    pub(super) fn is_loopback(&self) -> bool {
        let is_loopback = |address: IpAddr| address.is_loopback();
        self.host.eq_ignore_ascii_case("localhost") || self.host.parse().is_ok_and(is_loopback)
    }
}

/// How the connection to a server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SmtpSecurity {
    /// From the start.
    Tls,
    /// By `STARTTLS`, before anything else is said. A server that does not offer it gets no mail.
    StartTls,
    /// Not at all, which is for this machine only.
    None,
}

impl FromStr for SmtpSettings {
    type Err = InvalidSmtpUrl;

    /// Reads `smtps://user:password@host:465`, `smtp://user:password@host:587` (which means `STARTTLS`), or
    /// `smtp://localhost:1025?tls=none`. Name and password are percent-encoded where they are not plain.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let url = Url::parse(text).map_err(|_| InvalidSmtpUrl)?;
        let (security, port) = match (url.scheme(), url.query()) {
            ("smtps", None) => (SmtpSecurity::Tls, 465),
            ("smtp", None) => (SmtpSecurity::StartTls, 587),
            ("smtp", Some("tls=none")) => (SmtpSecurity::None, 25),
            _ => return Err(InvalidSmtpUrl),
        };
        let host = match url.host().ok_or(InvalidSmtpUrl)? {
            Host::Domain("") => return Err(InvalidSmtpUrl),
            Host::Domain(name) => percent_decode_str(name)
                .decode_utf8()
                .ok()
                .and_then(|name| ascii_host(&name))
                .ok_or(InvalidSmtpUrl)?,
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        };
        if !matches!(url.path(), "" | "/") || url.fragment().is_some() {
            return Err(InvalidSmtpUrl);
        }
        let decoded = |text| {
            percent_decode_str(text).decode_utf8().map_err(|_| InvalidSmtpUrl).map(String::from)
        };
        let credentials = match (url.username(), url.password()) {
            ("", None) => None,
            (user, Some(password)) => {
                Some(SmtpCredentials::new(decoded(user)?, decoded(password)?))
            }
            (_, None) => return Err(InvalidSmtpUrl),
        };
        let port = url.port().unwrap_or(port);
        Ok(Self { port, security, credentials, ..Self::new(host) })
    }
}

/// The text is not the URL of an SMTP server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not like `smtp://user:password@host`, `smtps://user:password@host` or `smtp://localhost:25?tls=none`"
)]
pub struct InvalidSmtpUrl;

#[cfg(test)]
mod tests {
    use super::{InvalidSmtpUrl, SmtpSettings};

    #[test]
    fn a_password_is_decoded_and_never_shown() {
        let settings: SmtpSettings = "smtps://a%40b:p%3Aw%20+@mail.example".parse().unwrap();
        let credentials = settings.credentials.clone().unwrap();
        let expected = ("a@b".to_owned(), "p:w +".to_owned()).into();
        assert!(*credentials.expose() == expected);
        let shown = format!("{settings:?} {credentials:?}");
        assert!(!shown.contains("p:w") && !shown.contains("a@b"), "{shown}");
    }

    #[test]
    fn pub_04_the_name_of_a_server_becomes_a_labels() {
        for url in ["smtp://u:p@mail.bücher.example", "smtp://u:p@mail.b%C3%BCcher.example"] {
            let settings: SmtpSettings = url.parse().unwrap();
            assert_eq!(settings.host, "mail.xn--bcher-kva.example");
        }
    }

    #[test]
    fn what_is_no_url_of_a_server_is_refused_and_not_repeated() {
        for text in [
            "",
            "mail.example",
            "smtp://",
            "smtp:///x",
            "http://mail.example",
            "smtp://mail.example/folder",
            "smtp://mail.example?tls=maybe",
            "smtps://mail.example?tls=none",
            "smtp://user@mail.example",
            "smtp://mail.example:99999",
            "smtp://user:secret@mail.example#x",
        ] {
            let refused = text.parse::<SmtpSettings>().unwrap_err();
            assert_eq!(refused, InvalidSmtpUrl, "{text}");
            assert!(!refused.to_string().contains("secret"));
        }
    }

    #[test]
    fn an_address_of_version_6_stands_in_brackets() {
        let settings: SmtpSettings = "smtp://[::1]:25?tls=none".parse().unwrap();
        assert_eq!(settings.host, "::1");
        assert!(settings.is_loopback());
    }

    #[test]
    fn this_machine_is_told_apart_from_others() {
        for (host, is_loopback) in [
            ("localhost", true),
            ("LOCALHOST", true),
            ("127.0.0.1", true),
            ("127.9.9.9", true),
            ("::1", true),
            ("localhost.example", false),
            ("10.0.0.1", false),
            ("0.0.0.0", false),
            ("127.0.0.1.example", false),
        ] {
            assert_eq!(SmtpSettings::new(host).is_loopback(), is_loopback, "{host}");
        }
    }
}
