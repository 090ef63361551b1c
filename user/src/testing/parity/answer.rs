//! What came of a request, in a form that two ways of asking have in common.

use std::fmt;

use bytes::Bytes;
use http::header;

use super::mask::mask;

/// What came of a request: without the time of day, and with a mask over whatever is made at random.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Answer {
    status: u16,
    /// Sorted by name; of one name, in the order in which they came.
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    /// The answer of the function, with what any server adds.
    pub(super) fn of_function(response: &http::Response<Bytes>) -> Self {
        let mut headers: Vec<_> = response
            .headers()
            .iter()
            .map(|(name, value)| (name.as_str().to_owned(), text(value.as_bytes())))
            .collect();
        let says_length = response.headers().contains_key(header::CONTENT_LENGTH);
        let status = response.status().as_u16();
        if !says_length && status != 204 {
            headers.push(("content-length".to_owned(), response.body().len().to_string()));
        }
        Self::new(status, headers, response.body())
    }

    /// The answer in what came over a socket.
    ///
    /// # Errors
    ///
    /// With what makes it no answer.
    pub(super) fn of_bytes(bytes: &[u8], is_head: bool) -> Result<Self, String> {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        let end = end.ok_or_else(|| format!("no head in {:?}", text(bytes)))?;
        let head = text(&bytes[..end]);
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1)?.parse().ok());
        let status: u16 = status.ok_or("no status")?;
        if (100..200).contains(&status) {
            return Self::of_bytes(&bytes[end + 4..], is_head);
        }
        let mut headers = Vec::new();
        for line in lines {
            let (name, value) = line.split_once(':').ok_or("a header without a colon")?;
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        if !headers.iter().any(|(name, _)| name == "date") {
            return Err("no date".to_owned());
        }
        let mut body = bytes[end + 4..].to_vec();
        if headers.iter().any(|(name, value)| name == "transfer-encoding" && value == "chunked") {
            return Err("the length of the body is known, and not said".to_owned());
        }
        if let Some((_, length)) = headers.iter().find(|(name, _)| name == "content-length")
            && !is_head
            && *length != body.len().to_string()
        {
            return Err(format!("{length} bytes are promised and {} came", body.len()));
        }
        if is_head && !body.is_empty() {
            return Err("the answer to HEAD has a body".to_owned());
        }
        headers.retain(|(name, _)| name != "date" && name != "connection");
        body.shrink_to_fit();
        Ok(Self::new(status, headers, &body))
    }

    fn new(status: u16, mut headers: Vec<(String, String)>, body: &[u8]) -> Self {
        headers.retain(|(name, _)| name != "connection");
        headers.sort_by(|one, other| one.0.cmp(&other.0));
        for (_, value) in &mut headers {
            *value = mask(value);
        }
        Self { status, headers, body: mask(&text(body)) }
    }

    /// The body, if it is JSON.
    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    pub(super) fn status(&self) -> u16 {
        self.status
    }
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?} {}", self.status, self.headers, self.body)
    }
}
