//! A request of the table, as bytes for a socket and as a value for the function.

use bytes::Bytes;
use http_body_util::Full;

use super::aspect::{Aspect, Sender};
use crate::presentation::http::PeerAddress;

/// A request of the table. In its texts, names in brackets stand for what a [`Person`](super::person::Person)
/// has.
#[derive(Debug, Clone)]
pub(super) struct Request {
    pub(super) name: String,
    /// The number of the route in whose part of the table it is.
    pub(super) route: usize,
    pub(super) aspect: Aspect,
    pub(super) sender: Sender,
    /// Whether nobody has to be signed in for the route.
    pub(super) is_for_anybody: bool,
    pub(super) method: String,
    /// Below whatever the bridge has put before it.
    pub(super) target: String,
    pub(super) version: &'static str,
    pub(super) headers: Vec<(&'static str, Vec<u8>)>,
    pub(super) body: Vec<u8>,
    pub(super) framing: Framing,
    /// How often it is sent; the last answer counts.
    pub(super) times: u8,
}

/// How the length of the body is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    Length,
    Chunked,
    /// By a length, and then nothing comes.
    Announced(usize),
}

impl Request {
    pub(super) fn new(name: &str, method: &str, target: &str) -> Self {
        Self {
            name: name.to_owned(),
            route: 0,
            aspect: Aspect::Head,
            sender: Sender::Nobody,
            is_for_anybody: false,
            method: method.to_owned(),
            target: target.to_owned(),
            version: "HTTP/1.1",
            headers: Vec::new(),
            body: Vec::new(),
            framing: Framing::Length,
            times: 1,
        }
    }

    #[must_use]
    pub(super) fn of(mut self, aspect: Aspect) -> Self {
        self.aspect = aspect;
        self
    }

    #[must_use]
    pub(super) fn times(mut self, times: u8) -> Self {
        self.times = times;
        self
    }

    #[must_use]
    pub(super) fn header(mut self, name: &'static str, value: impl AsRef<[u8]>) -> Self {
        self.headers.push((name, value.as_ref().to_vec()));
        self
    }

    #[must_use]
    pub(super) fn without(mut self, header: &str) -> Self {
        self.headers.retain(|(name, _)| *name != header);
        self
    }

    #[must_use]
    pub(super) fn body(mut self, body: impl AsRef<[u8]>) -> Self {
        self.body = body.as_ref().to_vec();
        self
    }

    /// Every text of it, with names in brackets.
    pub(super) fn texts(&mut self) -> impl Iterator<Item = &mut Vec<u8>> {
        self.headers.iter_mut().map(|(_, value)| value).chain([&mut self.body])
    }

    /// Whether somebody of this kind has to be there, by the name in brackets.
    pub(super) fn needs(&self, name: &str) -> bool {
        let holds = |text: &[u8]| text.windows(name.len()).any(|part| part == name.as_bytes());
        holds(self.target.as_bytes())
            || holds(&self.body)
            || self.headers.iter().any(|(_, value)| holds(value))
    }

    fn framing_header(&self) -> Option<(&'static str, String)> {
        match self.framing {
            Framing::Chunked => Some(("transfer-encoding", "chunked".to_owned())),
            Framing::Announced(length) => Some(("content-length", length.to_string())),
            Framing::Length if self.body.is_empty() && self.method == "GET" => None,
            Framing::Length => Some(("content-length", self.body.len().to_string())),
        }
    }

    /// What goes over a socket.
    pub(super) fn to_bytes(&self, prefix: &str) -> Vec<u8> {
        let head = format!("{} {prefix}{} {}\r\n", self.method, self.target, self.version);
        let mut bytes = head.into_bytes();
        bytes.extend_from_slice(b"host: localhost\r\nconnection: close\r\n");
        let framing = self.framing_header();
        let framing = framing.iter().map(|(name, value)| (*name, value.as_bytes()));
        let own = self.headers.iter().map(|(name, value)| (*name, value.as_slice()));
        for (name, value) in framing.chain(own) {
            bytes.extend_from_slice(name.as_bytes());
            bytes.extend_from_slice(b": ");
            bytes.extend_from_slice(value);
            bytes.extend_from_slice(b"\r\n");
        }
        bytes.extend_from_slice(b"\r\n");
        if self.framing == Framing::Chunked {
            for chunk in self.body.chunks(1000) {
                bytes.extend_from_slice(format!("{:x}\r\n", chunk.len()).as_bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend_from_slice(b"\r\n");
            }
            bytes.extend_from_slice(b"0\r\n\r\n");
        } else {
            bytes.extend_from_slice(&self.body);
        }
        bytes
    }

    /// What the function is given.
    pub(super) fn to_value(&self) -> http::Request<Full<Bytes>> {
        let body = Full::new(Bytes::copy_from_slice(&self.body));
        let mut request = http::Request::builder()
            .method(self.method.as_str())
            .uri(&self.target)
            .header("host", "localhost");
        if let Some((name, value)) = self.framing_header() {
            request = request.header(name, value);
        }
        for (name, value) in &self.headers {
            request = request.header(*name, value.as_slice());
        }
        let request = request.body(body);
        let mut request = request.unwrap_or_else(|error| panic!("{}: {error}", self.name));
        request.extensions_mut().insert(PeerAddress([127, 0, 0, 1].into()));
        request
    }
}
