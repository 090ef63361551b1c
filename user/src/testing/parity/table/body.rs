//! Bodies and content types that are almost right.

use serde_json::{Map, Value, json};

use super::subject::Subject;
use crate::testing::parity::{
    aspect::Aspect,
    request::{Framing, Request},
};

/// Bodies that are almost right. A route that reads none has them too.
pub(super) fn rows(subject: &Subject) -> Vec<Request> {
    let malformed = if subject.has_body() {
        [of_texts(subject), of_members(subject)].concat()
    } else {
        of_no_body(subject)
    };
    malformed
        .into_iter()
        .map(|row| row.of(Aspect::Malformed))
        .chain(of_sizes(subject).into_iter().map(|row| row.of(Aspect::Oversized)))
        .collect()
}

/// The same with a text for a body, which says that it is JSON.
fn with(subject: &Subject, name: &str, body: &[u8]) -> Request {
    let row = subject.by_bearer(name).without("content-type");
    row.header("content-type", "application/json").body(body)
}

fn chunked(row: Request) -> Request {
    Request { framing: Framing::Chunked, ..row }
}

fn of_sizes(subject: &Subject) -> Vec<Request> {
    let limit = subject.limit;
    let text = if subject.has_body() { subject.body.to_string() } else { String::new() };
    let (good, more) = (padded(&text, limit), padded(&text, limit + 1));
    vec![
        chunked(with(subject, "in chunks, and too large", &more)),
        chunked(with(subject, "in chunks, up to the limit", &good)),
        with(subject, "up to the limit", &good),
        with(subject, "with one byte too many", &more),
        Request {
            framing: Framing::Announced(limit + 1),
            ..with(subject, "announced too large", b"")
        },
    ]
}

/// The text with blanks up to this length.
fn padded(text: &str, length: usize) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    bytes.resize(length, b' ');
    bytes
}

fn of_no_body(subject: &Subject) -> Vec<Request> {
    vec![
        with(subject, "with a body", b"{}"),
        with(subject, "with a body that is no JSON", b"nonsense"),
        chunked(with(subject, "with a body in chunks", b"{}")),
    ]
}

fn of_texts(subject: &Subject) -> Vec<Request> {
    let text = subject.body.to_string();
    let with = |name: &str, body: &[u8]| with(subject, name, body);
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
        chunked(subject.by_bearer("in chunks")),
    ];
    for other in ["[]", "null", "true", "1", "\"text\"", "{", "nonsense", "{\"a\":NaN}", "{'a':1}"]
    {
        rows.push(with(&format!("with the body {other}"), other.as_bytes()));
    }
    rows
}

fn of_members(subject: &Subject) -> Vec<Request> {
    let members = subject.body.as_object().cloned().unwrap_or_default();
    let mut rows = Vec::new();
    let mut change = |name: String, change: &dyn Fn(&mut Map<String, Value>)| {
        let mut changed = members.clone();
        change(&mut changed);
        rows.push(with(subject, &name, Value::Object(changed).to_string().as_bytes()));
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

/// Content types that are almost right.
pub(super) fn of_content_types(subject: &Subject) -> Vec<Request> {
    let without = |name: &str| subject.by_bearer(name).without("content-type");
    let mut rows = vec![
        without("without a content type"),
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
    let twice = without("with two content types")
        .header("content-type", "application/json")
        .header("content-type", "application/json");
    rows.push(twice);
    rows.into_iter().map(|row| row.of(Aspect::ContentType)).collect()
}
