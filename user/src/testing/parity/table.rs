//! The table: for every route, everything that can be right or wrong with a request to it.

mod body;
mod conflict;
mod good;
mod head;
mod path;
mod session;
mod subject;

use serde_json::Value;

use self::subject::Subject;
use super::request::Request;
use crate::presentation::http::UserHttp;

/// Every request of the table, for the routes that there are.
pub(super) fn of(users: &UserHttp) -> Vec<Request> {
    let document = users.openapi();
    let limit = users.settings().body_limit;
    let mut rows = Vec::new();
    for (number, route) in users.routes().iter().enumerate() {
        for mut row in of_subject(&Subject::of(route, &document, limit)) {
            row.name = format!("{} {}: {}", route.method, route.path, row.name);
            row.route = number;
            rows.push(row);
        }
    }
    rows
}

fn of_subject(subject: &Subject) -> Vec<Request> {
    [
        good::rows(subject),
        conflict::rows(subject),
        head::rows(subject),
        path::rows(subject),
        path::of_methods(subject),
        session::rows(subject),
        body::rows(subject),
        body::of_content_types(subject),
    ]
    .concat()
}

/// Whether nobody has to be signed in for a route.
pub(super) fn is_for_anybody(described: &Value) -> bool {
    described["security"].as_array().is_none_or(Vec::is_empty)
}
