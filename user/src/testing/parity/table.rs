//! The table: for every route, everything that can be right or wrong with a request to it.

use serde_json::{Map, Value, json};

use super::{
    person::{NEW_PASSWORD, PASSWORD},
    request::{Framing, Request},
};
use crate::presentation::http::{Route, UserHttp};

/// Every request of the table, for the routes that there are.
pub(super) fn of(users: &UserHttp) -> Vec<Request> {
    let document = users.openapi();
    let limit = users.settings().body_limit;
    users.routes().iter().flat_map(|route| of_route(route, &document, limit)).collect()
}

fn of_route(route: &Route, document: &Value, limit: usize) -> Vec<Request> {
    let method = route.method.as_str();
    let described = &document["paths"][route.path][method.to_ascii_lowercase()];
    let example = &described["requestBody"]["content"]["application/json"]["example"];
    let target = route
        .path
        .replace("{id}", if route.path.contains("sessions") { "[session]" } else { "[user]" });
    let body = if method == "GET" { Value::Null } else { good_body(route.path, example) };
    let mut rows = as_everybody(method, &target, &body);
    rows.extend(of_head(method, &target, &body));
    rows.extend(of_path(method, &target, &body));
    rows.extend(of_method(&target, &body));
    rows.extend(of_session(method, &target, &body));
    if method != "GET" {
        rows.extend(of_body(method, &target, &body, limit));
        rows.extend(of_content_type(method, &target, &body));
    }
    for row in &mut rows {
        row.name = format!("{method} {}: {}", route.path, row.name);
    }
    rows
}

/// The example, with what makes it good for somebody.
fn good_body(path: &str, example: &Value) -> Value {
    let mut body = example.as_object().cloned().unwrap_or_default();
    for (name, value) in &mut body {
        match name.as_str() {
            "identifier" => *value = json!("[email]"),
            "email" => *value = json!("[new-email]"),
            "password" if path == "/auth/password/reset" => *value = json!(NEW_PASSWORD),
            "password" | "current_password" => *value = json!(PASSWORD),
            "new_password" => *value = json!(NEW_PASSWORD),
            "token" if path == "/auth/activation" => *value = json!("[activation]"),
            "token" if path == "/auth/password/reset" => *value = json!("[reset]"),
            "token" if path.starts_with("/auth/email/") => *value = json!("[email-change]"),
            _ => {}
        }
    }
    Value::Object(body)
}

fn plain(name: &str, method: &str, target: &str, body: &Value) -> Request {
    let request = Request::new(name, method, target);
    if body.is_null() { request } else { json_request(request, body) }
}

fn json_request(request: Request, body: &Value) -> Request {
    request.header("content-type", "application/json").body(body.to_string())
}

fn by_bearer(name: &str, method: &str, target: &str, body: &Value) -> Request {
    plain(name, method, target, body).header("authorization", "Bearer [bearer]")
}

fn by_cookie(name: &str, method: &str, target: &str, body: &Value) -> Request {
    plain(name, method, target, body)
        .header("cookie", "[cookie]")
        .header("sec-fetch-site", "same-origin")
        .header("x-csrf-token", "[csrf]")
}

/// Good requests of nobody and of somebody, by both transports, once and twice.
fn as_everybody(method: &str, target: &str, body: &Value) -> Vec<Request> {
    let good = [
        plain("as nobody", method, target, body),
        by_bearer("with a bearer token", method, target, body),
        by_cookie("with a cookie", method, target, body),
    ];
    let mut rows: Vec<_> = good.to_vec();
    rows.extend(good.into_iter().map(|request| {
        let name = format!("{}, twice", request.name);
        Request { is_repeated: true, ..request.named(&name) }
    }));
    if let Some(members) = body.as_object() {
        if members.contains_key("email") {
            let mut taken = members.clone();
            taken.insert("email".to_owned(), json!("[email]"));
            let taken = Value::Object(taken);
            rows.push(plain("with a taken address", method, target, &taken));
            rows.push(by_bearer("with one's own address", method, target, &taken));
        }
        if members.contains_key("transport") {
            let mut other = members.clone();
            other.insert("transport".to_owned(), json!("cookie"));
            rows.push(plain("for a cookie", method, target, &Value::Object(other)));
        }
        if members.contains_key("password") {
            let mut wrong = members.clone();
            wrong.insert("password".to_owned(), json!("wrong horse battery staple"));
            let wrong = Value::Object(wrong);
            rows.push(plain("with a wrong password", method, target, &wrong));
            rows.push(by_bearer("with a token and a wrong password", method, target, &wrong));
        }
    }
    rows
}

/// Headers: versions, pages, lengths, and what is there twice.
fn of_head(method: &str, target: &str, body: &Value) -> Vec<Request> {
    let row = |name: &str| by_bearer(name, method, target, body);
    let mut rows = vec![
        Request { version: "HTTP/1.0", ..row("by HTTP/1.0") },
        row("with a long header").header("x-note", "a".repeat(8000)),
        row("with a header that is no text").header("x-note", b"\xe9\xff"),
        row("with an empty header").header("x-note", ""),
        row("with an accept header").header("accept", "text/html"),
        row("asked to override the method").header("x-http-method-override", "DELETE"),
        row("with a range").header("range", "bytes=0-1"),
        row("with a condition").header("if-none-match", "*"),
        (0..60).fold(row("with sixty headers"), |row, _| row.header("x-note", "a")),
    ];
    for site in ["same-origin", "same-site", "cross-site", "none", "", "Same-Origin"] {
        rows.push(row(&format!("from a page that is {site:?}")).header("sec-fetch-site", site));
    }
    for origin in ["https://evil.example", "null", "", "http://localhost"] {
        rows.push(row(&format!("from the origin {origin:?}")).header("origin", origin));
        rows.push(row(&format!("referred by {origin:?}")).header("referer", origin));
    }
    rows.push(
        row("from two sites")
            .header("sec-fetch-site", "same-origin")
            .header("sec-fetch-site", "cross-site"),
    );
    rows.push(
        row("from two origins").header("origin", "null").header("origin", "https://evil.example"),
    );
    rows
}

/// Paths that are almost right.
fn of_path(method: &str, target: &str, body: &Value) -> Vec<Request> {
    let (before, last) = target.rsplit_once('/').unwrap_or_default();
    let targets = [
        format!("{target}/"),
        format!("{target}//"),
        format!("{target}?"),
        format!("{target}?a=b&a=c"),
        format!("{target}?%zz=%"),
        format!("{target}%20"),
        format!("{target}%00"),
        format!("{target}%0d%0a"),
        format!("{target}%2F"),
        format!("{target};a=b"),
        format!("{target}.json"),
        format!("{target}/more"),
        format!("{target}/.."),
        format!("/{target}"),
        format!("/.{target}"),
        format!("/nowhere/..{target}"),
        format!("{before}//{last}"),
        format!("{before}%2F{last}"),
        format!("{before}/%{:02X}{}", last.as_bytes()[0], &last[1..]),
        format!("{before}/%25{:02X}{}", last.as_bytes()[0], &last[1..]),
        format!("{before}/"),
        target.replace("[session]", "[SESSION]").replace("[user]", "[USER]").to_ascii_uppercase(),
        "/nowhere".to_owned(),
    ];
    targets
        .iter()
        // The root itself is the application's.
        .filter(|wrong| wrong.starts_with('/') && wrong.len() > 1)
        .map(|wrong| by_bearer(&format!("at {wrong:?}"), method, wrong, body))
        .collect()
}

/// Every method, right or wrong.
fn of_method(target: &str, body: &Value) -> Vec<Request> {
    ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"]
        .into_iter()
        .flat_map(|method| {
            [
                plain(&format!("{method} as nobody"), method, target, body),
                by_bearer(&format!("{method} with a bearer token"), method, target, body),
                by_cookie(&format!("{method} with a cookie"), method, target, body),
                plain(&format!("{method} without a body"), method, target, &Value::Null),
            ]
        })
        .collect()
}

/// Tokens that are almost right.
fn of_session(method: &str, target: &str, body: &Value) -> Vec<Request> {
    let row = |name: &str| plain(name, method, target, body);
    let cookie = |name: &str| by_cookie(name, method, target, body);
    let mut rows = Vec::new();
    for value in [
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Basic [bearer]",
        "[bearer]",
        "Bearer [bearer]A",
        "Bearer [csrf]",
        "bearer [bearer]",
        "BEARER  [bearer]",
    ] {
        rows.push(row(&format!("with the authorization {value:?}")).header("authorization", value));
        rows.push(
            cookie(&format!("with a cookie and the authorization {value:?}"))
                .header("authorization", value),
        );
    }
    rows.push(row("with an authorization that is no text").header("authorization", b"Bearer \xff"));
    rows.push(
        by_bearer("with two bearer tokens", method, target, body)
            .header("authorization", "Bearer [bearer]"),
    );
    rows.push(
        by_bearer("with a bearer token and a cookie", method, target, body)
            .header("cookie", "[cookie]"),
    );
    for value in [
        "[cookie]; [cookie]",
        "a=b; [cookie]; c=d",
        "[cookie]A",
        "[cookie]; a",
        "__Host-session=",
        "__host-session=[bearer]",
        "__Host-session=[bearer]",
        ";;;=;",
        "\"[cookie]\"",
    ] {
        let name = format!("with the cookies {value:?}");
        rows.push(cookie(&name).without("cookie").header("cookie", value));
    }
    rows.push(cookie("with two headers of cookies").header("cookie", "a=b"));
    rows.push(cookie("with the cookie in two headers").header("cookie", "[cookie]"));
    rows.push(cookie("with a cookie that is no text").header("cookie", b"a=\xff"));
    rows.push(cookie("with a cookie from nowhere").without("sec-fetch-site"));
    rows.push(
        cookie("with a cookie from elsewhere")
            .without("sec-fetch-site")
            .header("sec-fetch-site", "cross-site"),
    );
    rows.push(cookie("with a cookie alone").without("x-csrf-token"));
    rows.push(
        cookie("with a cookie and nonsense")
            .without("x-csrf-token")
            .header("x-csrf-token", "nonsense"),
    );
    rows.push(cookie("with a cookie and two tokens").header("x-csrf-token", "[csrf]"));
    rows
}

/// Bodies that are almost right.
fn of_body(method: &str, target: &str, body: &Value, limit: usize) -> Vec<Request> {
    let text = body.to_string();
    let row = |name: &str| by_bearer(name, method, target, body);
    let with = |name: &str, body: &[u8]| row(name).body(body);
    let mut rows = vec![
        with("without a body", b""),
        with("with a body of blanks", b" \n\t "),
        with("with half a body", &text.as_bytes()[..text.len() / 2]),
        with("with a body and more", format!("{text}{text}").as_bytes()),
        with("with a byte order mark", format!("\u{feff}{text}").as_bytes()),
        with("with a body that is no text", b"{\"a\":\"\xff\"}"),
        with("with a lone surrogate", b"{\"a\":\"\\ud800\"}"),
        with("with a member twice", format!("{{\"a\":1,\"a\":2,{}", &text[1..]).as_bytes()),
        with("with an empty object", b"{}"),
        with("with a deep body", "[".repeat(1000).as_bytes()),
        with("with blanks around it", format!("\r\n{text}\n\n").as_bytes()),
        Request { framing: Framing::Chunked, ..row("in chunks") },
        Request {
            framing: Framing::Chunked,
            ..with("in chunks, and too large", &padded(&text, limit + 1))
        },
        Request {
            framing: Framing::Chunked,
            ..with("in chunks, up to the limit", &padded(&text, limit))
        },
        with("up to the limit", &padded(&text, limit)),
        with("with one byte too many", &padded(&text, limit + 1)),
        Request {
            framing: Framing::Announced(limit + 1),
            body: Vec::new(),
            ..row("announced too large")
        },
    ];
    for other in ["[]", "null", "true", "1", "\"text\"", "{", "nonsense", "{\"a\":NaN}", "{'a':1}"]
    {
        rows.push(with(&format!("with the body {other}"), other.as_bytes()));
    }
    let members = body.as_object().cloned().unwrap_or_default();
    let mut change = |name: String, change: &dyn Fn(&mut Map<String, Value>)| {
        let mut changed = members.clone();
        change(&mut changed);
        rows.push(with(&name, Value::Object(changed).to_string().as_bytes()));
    };
    change("with an unknown member".to_owned(), &|members| {
        members.insert("roles".to_owned(), json!(["admin"]));
    });
    change("with unknown extras".to_owned(), &|members| {
        members.insert("extra".to_owned(), json!({ "note": "hello" }));
    });
    change("with a member that has a strange name".to_owned(), &|members| {
        members.insert("a/b~c\u{0}\"é".to_owned(), json!(1));
    });
    for name in members.keys() {
        change(format!("without {name}"), &|members| {
            members.remove(name);
        });
        for value in [
            json!(null),
            json!(1),
            json!({}),
            json!([]),
            json!(""),
            json!("\u{0}"),
            json!("é🐎".repeat(2000)),
        ] {
            let shown: String = value.to_string().chars().take(20).collect();
            change(format!("with {shown} for {name}"), &|members| {
                members.insert(name.clone(), value.clone());
            });
        }
    }
    rows
}

/// The text with blanks up to this length.
fn padded(text: &str, length: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(length, b' ');
    bytes
}

/// Content types that are almost right.
fn of_content_type(method: &str, target: &str, body: &Value) -> Vec<Request> {
    let without = |name: &str| by_bearer(name, method, target, body).without("content-type");
    let mut rows = vec![
        without("without a content type"),
        by_bearer("with two content types", method, target, body)
            .header("content-type", "application/json"),
        without("with a content type that is no text")
            .header("content-type", b"application/json\xff"),
    ];
    for value in [
        "",
        "text/plain",
        "text/plain;application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
        "application/jsonp",
        "application/problem+json",
        "Application/JSON",
        "application/json; charset=utf-8",
        "application/json ;charset=latin1",
        "application/json, text/plain",
    ] {
        rows.push(without(&format!("as {value:?}")).header("content-type", value));
    }
    rows
}
