//! Where a request comes from, through the proxies that the application trusts.

use std::{
    net::{IpAddr, SocketAddr},
    str::FromStr,
    sync::atomic::Ordering,
};

use dullahan_core::Error;
use http::{HeaderMap, request::Parts};
use ipnet::IpNet;

use super::{Problem, UserHttp};

/// The client's address as the application has made it out itself: an extension of the request, which counts
/// more than anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);

/// The address at the other end of the connection: an extension of the request, which a bridge adds.
///
/// It is the client's own, unless a [trusted proxy](TrustedProxies) has it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PeerAddress(pub IpAddr);

/// Whether the server tells the addresses of clients.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ClientAddresses {
    /// It has to. A request whose client's address is not known is answered with 500, and the log says what to set: without
    /// addresses no client would be limited, and nobody would notice.
    #[default]
    Required,
    /// It does not, as in a test without a socket, or where something in front of the service limits clients. No client is
    /// limited by its address.
    Absent,
}

/// The proxies whose word on the client's address counts: none unless said.
///
/// # Rule
///
/// ASVS 5.0 items 4.1.3 and 15.3.4: a client writes any `X-Forwarded-For` it likes. A proxy adds, on the right, the
/// address that it was asked from. So the list is read from the right, and the first address that is
/// no trusted proxy's is the client's.
///
/// ```
/// use dullahan_user::presentation::http::TrustedProxies;
///
/// let proxies: TrustedProxies = "10.0.0.0/8, ::1".parse()?;
/// assert!(proxies.contains("10.1.2.3".parse()?));
/// assert!(!proxies.contains("192.0.2.1".parse()?));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// `unix` trusts the other end of a Unix socket, and of every connection whose address the server does not tell. So say it
/// only where nothing but a proxy connects.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TrustedProxies {
    networks: Vec<IpNet>,
    has_unix: bool,
}

/// The text names no networks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a trusted proxy is not an address, a network such as `10.0.0.0/8`, or `unix`")]
pub struct InvalidTrustedProxies;

impl TrustedProxies {
    /// Whether this is a trusted proxy's address.
    pub fn contains(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.networks.iter().any(|network| network.contains(&address))
    }

    /// The client behind whoever has opened the connection.
    ///
    /// What is no address ends the list: the proxy that passed it on is as far as anybody can see.
    pub fn client_of(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        self.client_behind(peer, hops(headers))
    }

    /// The client behind a connection whose address the server does not tell, if its other end is trusted.
    fn client_of_socket(&self, headers: &HeaderMap) -> Option<IpAddr> {
        let mut hops = hops(headers);
        let first = hops.next().filter(|_| self.has_unix).and_then(address_of)?;
        Some(self.client_behind(first, hops))
    }

    fn client_behind<'h>(&self, peer: IpAddr, mut hops: impl Iterator<Item = &'h [u8]>) -> IpAddr {
        let mut client = peer.to_canonical();
        while self.contains(client) {
            let Some(hop) = hops.next().and_then(address_of) else { break };
            client = hop;
        }
        client
    }
}

impl FromStr for TrustedProxies {
    type Err = InvalidTrustedProxies;

    /// Reads addresses, networks and `unix`, separated by commas.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let network = |text: &str| {
            let address = text.parse::<IpAddr>().map(|address| address.to_canonical().into());
            address.or_else(|_| text.parse()).map_err(|_| InvalidTrustedProxies)
        };
        let texts = text.split(',').map(str::trim).filter(|text| !text.is_empty());
        let (unix, networks): (Vec<_>, Vec<_>) = texts.partition(|text| *text == "unix");
        let networks = networks.into_iter().map(network).collect::<Result<_, _>>()?;
        Ok(Self { networks, has_unix: !unix.is_empty() })
    }
}

/// Nobody knows where a request comes from.
#[derive(Debug, thiserror::Error)]
#[error(
    "the address of the client is not known, so clients could not be limited: have the server tell it, as the README of the \
     bridge says, or name the proxy in `HttpSettings::trusted_proxies`, or set `HttpSettings::client_addresses` to \
     `ClientAddresses::Absent`"
)]
struct UnknownClientAddress;

impl UserHttp {
    /// The client's address of a request, unless it has none and the settings want one.
    pub(super) fn locate(&self, head: &Parts) -> Result<Option<IpAddr>, Problem> {
        self.report_unnamed_proxy(head);
        let address = client_address(&self.settings.trusted_proxies, head);
        match (address, self.settings.client_addresses) {
            (None, ClientAddresses::Required) => {
                Err(Problem::of(&Error::internal(UnknownClientAddress)))
            }
            (address, _) => Ok(address),
        }
    }

    /// Says once that somebody forwards requests who is no trusted proxy: if it is a proxy, all that come through it count as
    /// one client.
    fn report_unnamed_proxy(&self, head: &Parts) {
        let is_told = head.extensions.get::<ClientAddress>().is_some();
        let Some(PeerAddress(peer)) = head.extensions.get().filter(|_| !is_told) else { return };
        if head.headers.contains_key(FORWARDED_FOR)
            && !self.settings.trusted_proxies.contains(*peer)
            && !self.has_reported_proxy.swap(true, Ordering::Relaxed)
        {
            tracing::error!(
                %peer,
                "a request with `X-Forwarded-For` came from an address that is no trusted proxy. If that is your proxy, all its \
                 visitors share the limits of one client: name it in `HttpSettings::trusted_proxies`. Otherwise a client has \
                 made the header up, which has no effect. This is logged once."
            );
        }
    }
}

/// The header in which proxies say from whom a request came.
const FORWARDED_FOR: &str = "x-forwarded-for";

/// The client's address of a request, as far as it is known.
fn client_address(proxies: &TrustedProxies, head: &Parts) -> Option<IpAddr> {
    if let Some(ClientAddress(address)) = head.extensions.get() {
        return Some(*address);
    }
    match head.extensions.get() {
        Some(PeerAddress(peer)) => Some(proxies.client_of(*peer, &head.headers)),
        None => proxies.client_of_socket(&head.headers),
    }
}

/// The addresses that proxies have added, the last one first.
fn hops(headers: &HeaderMap) -> impl Iterator<Item = &[u8]> {
    let lines = headers.get_all(FORWARDED_FOR).iter().rev();
    lines.flat_map(|line| line.as_bytes().rsplit(|byte| *byte == b','))
}

/// An address as proxies write it: bare, in brackets, or with a port.
fn address_of(hop: &[u8]) -> Option<IpAddr> {
    let hop = std::str::from_utf8(hop).ok()?.trim();
    let bare = hop.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(hop);
    let with_port = || hop.parse::<SocketAddr>().map(|address| address.ip());
    let address = bare.parse::<IpAddr>().or_else(|_| with_port());
    address.ok().map(|address| address.to_canonical())
}

#[cfg(test)]
mod tests {
    use std::net::IpAddr;

    use http::{HeaderMap, HeaderValue};

    use super::{InvalidTrustedProxies, TrustedProxies};

    fn client(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let proxies: TrustedProxies = proxies.parse().unwrap();
        let mut headers = HeaderMap::new();
        for line in forwarded {
            headers.append("x-forwarded-for", HeaderValue::from_bytes(line.as_bytes()).unwrap());
        }
        proxies.client_of(peer.parse::<IpAddr>().unwrap(), &headers).to_string()
    }

    #[test]
    fn log_04_without_a_trusted_proxy_the_header_says_nothing() {
        assert_eq!(client("", "192.0.2.9", &["198.51.100.1"]), "192.0.2.9");
        assert_eq!(client("10.0.0.0/8", "192.0.2.9", &["198.51.100.1"]), "192.0.2.9");
    }

    #[test]
    fn log_04_the_right_most_hop_that_is_no_trusted_proxy_is_the_client() {
        let proxies = "10.0.0.0/8, 2001:db8::/32";
        for (peer, forwarded, expected) in [
            ("10.0.0.1", &["198.51.100.1"][..], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.7, 198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.7", "198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["203.0.113.7, 198.51.100.1, 10.0.0.2", "10.0.0.3"], "198.51.100.1"),
            ("10.0.0.1", &["198.51.100.1:4711 ,10.0.0.2:80"], "198.51.100.1"),
            ("10.0.0.1", &["[2001:db9::1]:4711"], "2001:db9::1"),
            ("10.0.0.1", &["[2001:db9::1]"], "2001:db9::1"),
            ("::ffff:10.0.0.1", &["::ffff:198.51.100.1"], "198.51.100.1"),
            ("2001:db8::1", &["198.51.100.1"], "198.51.100.1"),
            ("10.0.0.1", &["10.0.0.2"], "10.0.0.2"),
            ("10.0.0.1", &[], "10.0.0.1"),
        ] {
            assert_eq!(client(proxies, peer, forwarded), expected, "{forwarded:?}");
        }
    }

    #[test]
    fn log_04_what_is_no_address_hides_everything_to_its_left() {
        for nonsense in ["unknown", "", "198.51.100.1 198.51.100.2", "256.0.0.1", "é"] {
            let forwarded = format!("198.51.100.1, {nonsense}, 10.0.0.2");
            assert_eq!(client("10.0.0.0/8", "10.0.0.1", &[&forwarded]), "10.0.0.2", "{nonsense}");
        }
    }

    #[test]
    fn ops_09_the_other_end_of_a_socket_is_trusted_where_the_settings_say_so() {
        let client = |proxies: &str, forwarded: &[&str]| {
            let mut request = http::Request::new(());
            for line in forwarded {
                request.headers_mut().append("x-forwarded-for", line.parse().unwrap());
            }
            let proxies: TrustedProxies = proxies.parse().unwrap();
            let client = super::client_address(&proxies, &request.into_parts().0);
            client.map(|client| client.to_string())
        };
        for (proxies, forwarded, expected) in [
            ("unix", &["203.0.113.7, 198.51.100.1"][..], Some("198.51.100.1")),
            ("unix, 10.0.0.0/8", &["203.0.113.7, 198.51.100.1, 10.0.0.2"], Some("198.51.100.1")),
            ("unix", &["198.51.100.1, unknown"], None),
            ("unix", &[], None),
            ("10.0.0.0/8", &["198.51.100.1"], None),
            ("", &["198.51.100.1"], None),
        ] {
            assert_eq!(client(proxies, forwarded).as_deref(), expected, "{proxies} {forwarded:?}");
        }
        assert_eq!(
            "unix"
                .parse::<TrustedProxies>()
                .unwrap()
                .client_of([192, 0, 2, 9].into(), &HeaderMap::new()),
            IpAddr::from([192, 0, 2, 9])
        );
    }

    #[test]
    fn what_names_no_network_is_refused() {
        for text in ["nonsense", "10.0.0.0/33", "10.0.0.1, example.org", "*"] {
            assert_eq!(text.parse::<TrustedProxies>(), Err(InvalidTrustedProxies), "{text}");
        }
        assert_eq!(" ".parse::<TrustedProxies>(), Ok(TrustedProxies::default()));
    }
}
