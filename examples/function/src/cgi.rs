//! One request, as the Common Gateway Interface tells it (RFC 3875).

use std::{
    io::{self, Read, Write},
    net::IpAddr,
};

use bytes::Bytes;
use dullahan_user::presentation::http::{PeerAddress, Problem, UserHttp};
use http::{HeaderName, HeaderValue, Request, Response, header};

/// Answers the request that the variables and the input tell.
///
/// # Rule
///
/// RFC 3875 section 4.1 for the variables, 4.2 for the body and 6 for the answer.
///
/// # Errors
///
/// When the input or the output fails.
pub async fn answer(
    users: &UserHttp,
    variables: impl IntoIterator<Item = (String, String)>,
    input: impl Read,
    output: impl Write,
) -> io::Result<()> {
    let variables: Vec<_> = variables.into_iter().collect();
    let of = |name: &str| variables.iter().find(|(known, _)| known == name).map(|(_, value)| value);
    let response = match request(&variables, of) {
        Ok(head) => {
            // A byte more than the limit tells the contract that there is too much.
            let length = of("CONTENT_LENGTH").and_then(|length| length.parse().ok()).unwrap_or(0);
            let limit = users.settings().body_limit as u64 + 1;
            let mut body = Vec::new();
            input.take(limit.min(length)).read_to_end(&mut body)?;
            users.call(head.map(|()| Bytes::from(body))).await
        }
        Err(_) => Problem::not_found().to_response(),
    };
    write(&response, output)
}

fn request<'a>(
    variables: &'a [(String, String)],
    of: impl Fn(&str) -> Option<&'a String>,
) -> http::Result<Request<()>> {
    let text = |name: &str| of(name).map(String::as_str).unwrap_or_default();
    // The path as the client wrote it: `PATH_INFO` is decoded, and `%2F` is no `/`.
    let uri = text("REQUEST_URI");
    let uri = match uri.strip_prefix(text("SCRIPT_NAME")) {
        Some(rest) if rest.starts_with('/') => rest,
        _ => uri,
    };
    let mut request = Request::builder().method(text("REQUEST_METHOD")).uri(uri).body(())?;
    for (name, value) in variables {
        let name = match name.as_str() {
            "CONTENT_TYPE" => "content-type".to_owned(),
            "CONTENT_LENGTH" => "content-length".to_owned(),
            name => match name.strip_prefix("HTTP_") {
                Some(name) => name.to_ascii_lowercase().replace('_', "-"),
                None => continue,
            },
        };
        if value.is_empty() {
            continue;
        }
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            request.headers_mut().insert(name, value);
        }
    }
    if let Ok(address) = text("REMOTE_ADDR").parse::<IpAddr>() {
        request.extensions_mut().insert(PeerAddress(address));
    }
    Ok(request)
}

fn write(response: &Response<Bytes>, mut output: impl Write) -> io::Result<()> {
    let status = response.status();
    let reason = status.canonical_reason().unwrap_or("Unknown");
    write!(output, "Status: {} {reason}\r\n", status.as_u16())?;
    for (name, value) in response.headers() {
        output.write_all(name.as_str().as_bytes())?;
        output.write_all(b": ")?;
        output.write_all(value.as_bytes())?;
        output.write_all(b"\r\n")?;
    }
    if !response.body().is_empty() && !response.headers().contains_key(header::CONTENT_LENGTH) {
        write!(output, "content-length: {}\r\n", response.body().len())?;
    }
    output.write_all(b"\r\n")?;
    output.write_all(response.body())?;
    output.flush()
}
