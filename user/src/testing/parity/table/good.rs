//! Requests that succeed.

use serde_json::{Value, json};

use super::subject::Subject;
use crate::testing::parity::{
    aspect::{Aspect, Sender},
    request::Request,
};

/// Good requests of everybody who may send them, and of nobody to a route that is not for anybody.
pub(super) fn rows(subject: &Subject) -> Vec<Request> {
    let mut rows = subject.by_everybody("good");
    let variants = match (subject.method.as_str(), subject.path) {
        ("POST", "/auth/login") => {
            vec![("for a cookie", subject.with("transport", json!("cookie")))]
        }
        ("POST", "/auth/registration") => vec![
            ("without a name", subject.with("display_name", Value::Null)),
            ("in another language", subject.with("locale", json!("de-AT"))),
        ],
        ("POST", "/auth/email/confirm") => vec![
            ("for the current mailbox", subject.with("token", json!("[agree-current]"))),
            ("for the last mailbox", subject.with("token", json!("[agree-last]"))),
        ],
        ("POST", "/auth/email/cancel") => vec![
            ("for the current mailbox", subject.with("token", json!("[agree-current]"))),
            ("when one has agreed", subject.with("token", json!("[agree-last]"))),
        ],
        ("PATCH", "/account") => vec![
            ("taking the name away", subject.with("display_name", Value::Null)),
            (
                "with a language alone",
                Subject { body: json!({ "locale": "de" }), ..subject.clone() },
            ),
            ("changing nothing", Subject { body: json!({}), ..subject.clone() }),
        ],
        ("DELETE", "/account/sessions") => vec![("without a body", subject.bare())],
        ("DELETE", "/account/sessions/{id}") => vec![
            ("without a body", subject.bare()),
            ("of a bearer token", subject.at("/account/sessions/[bearer-session]")),
        ],
        _ => Vec::new(),
    };
    rows.extend(variants.iter().flat_map(|(name, variant)| variant.by_everybody(name)));
    if subject.method == "GET" && !subject.is_for_anybody {
        let row = subject.by_bearer_of("while the address is being changed", "[moving-bearer]");
        rows.push(row);
    }
    let mut rows: Vec<_> = rows.into_iter().map(|row| row.of(Aspect::Good)).collect();
    if !subject.is_for_anybody {
        let row = subject.plain("as nobody").of(Aspect::Unauthorised);
        rows.push(Request { sender: Sender::Nobody, ..row });
    }
    rows
}
