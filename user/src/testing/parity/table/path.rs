//! Paths and methods that are almost right.

use super::subject::Subject;
use crate::testing::parity::{aspect::Aspect, request::Request};

/// Paths that are almost right.
pub(super) fn rows(subject: &Subject) -> Vec<Request> {
    let (target, query) = match subject.target.split_once('?') {
        Some((target, query)) => (target, format!("?{query}")),
        None => (subject.target.as_str(), String::new()),
    };
    let (before, last) = target.rsplit_once('/').unwrap_or_default();
    let (first, rest) = last.split_at(1);
    let byte = first.as_bytes()[0];
    let upper = target.replace("[session]", "[SESSION]").replace("[user]", "[USER]");
    let targets = [
        (Aspect::TrailingSlash, format!("{target}/{query}")),
        (Aspect::TrailingSlash, format!("{target}//{query}")),
        (Aspect::Path, format!("{target}?")),
        (Aspect::Path, format!("{target}?a=b&a=c")),
        (Aspect::PercentEncoding, format!("{target}?%zz=%")),
        (Aspect::PercentEncoding, format!("{target}%20{query}")),
        (Aspect::PercentEncoding, format!("{target}%00{query}")),
        (Aspect::PercentEncoding, format!("{target}%0d%0a{query}")),
        (Aspect::PercentEncoding, format!("{target}%2F{query}")),
        (Aspect::Path, format!("{target};a=b{query}")),
        (Aspect::Path, format!("{target}.json{query}")),
        (Aspect::Path, format!("{target}/more{query}")),
        (Aspect::Path, format!("{target}/..{query}")),
        (Aspect::Path, format!("/{target}{query}")),
        (Aspect::Path, format!("/.{target}{query}")),
        (Aspect::Path, format!("/nowhere/..{target}{query}")),
        (Aspect::Path, format!("{before}//{last}{query}")),
        (Aspect::PercentEncoding, format!("{before}%2F{last}{query}")),
        (Aspect::PercentEncoding, format!("{before}/%{byte:02X}{rest}{query}")),
        (Aspect::PercentEncoding, format!("{before}/%25{byte:02X}{rest}{query}")),
        (Aspect::TrailingSlash, format!("{before}/{query}")),
        (Aspect::Path, format!("{}{query}", upper.to_ascii_uppercase())),
        (Aspect::Path, "/nowhere".to_owned()),
    ];
    targets
        .into_iter()
        // The root itself is the application's.
        .filter(|(_, wrong)| wrong.starts_with('/') && wrong.len() > 1)
        .map(|(aspect, wrong)| subject.at(&wrong).by_bearer(&format!("at {wrong:?}")).of(aspect))
        .collect()
}

/// Every method, right or wrong.
pub(super) fn of_methods(subject: &Subject) -> Vec<Request> {
    let mut rows = Vec::new();
    for method in ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW"] {
        let aspect = match method {
            "HEAD" => Aspect::OfHead,
            "OPTIONS" => Aspect::OfOptions,
            _ => Aspect::Method,
        };
        let by = subject.by(method);
        let of_method = [
            by.plain(&format!("{method} as nobody")),
            by.by_bearer(&format!("{method} with a bearer token")),
            by.by_cookie(&format!("{method} with a cookie")),
            by.bare().plain(&format!("{method} without a body")),
        ];
        rows.extend(of_method.into_iter().map(|row| row.of(aspect)));
    }
    rows
}
