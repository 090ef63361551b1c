//! Sessions that are over, and tokens that are almost right.

use super::subject::Subject;
use crate::testing::parity::{aspect::Aspect, request::Request};

/// Sessions that are over or old, and tokens that are almost right.
pub(super) fn rows(subject: &Subject) -> Vec<Request> {
    [of_sessions(subject), of_authorization(subject), of_cookies(subject)]
        .concat()
        .into_iter()
        .map(|row| row.of(Aspect::Unauthorised))
        .collect()
}

fn of_sessions(subject: &Subject) -> Vec<Request> {
    vec![
        subject.by_bearer_of("with a session that is over", "[ended-bearer]"),
        subject.by_cookie_of("in a session that is over", "[ended-cookie]", "[ended-csrf]"),
        subject.by_bearer_of("with a token that was replaced", "[renewed-bearer]"),
        subject.by_bearer_of("with the token of a removed account", "[removed-bearer]"),
        subject.by_bearer_of("with a session of an hour ago", "[stale-bearer]"),
        subject.by_cookie_of("in a session of an hour ago", "[stale-cookie]", "[stale-csrf]"),
    ]
}

fn of_authorization(subject: &Subject) -> Vec<Request> {
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
        let name = format!("with the authorization {value:?}");
        rows.push(subject.plain(&name).header("authorization", value));
        let name = format!("with a cookie and the authorization {value:?}");
        rows.push(subject.by_cookie(&name).header("authorization", value));
    }
    let row = subject.plain("with an authorization that is no text");
    rows.push(row.header("authorization", b"Bearer \xff"));
    let row = subject.by_bearer("with a bearer token and a cookie");
    rows.push(row.header("cookie", "[cookie]"));
    rows
}

fn of_cookies(subject: &Subject) -> Vec<Request> {
    let cookie = |name: &str| subject.by_cookie(name);
    let mut rows = vec![
        cookie("with a cookie that is no text").header("cookie", b"a=\xff"),
        cookie("with a cookie from nowhere").without("sec-fetch-site"),
        cookie("with a cookie from elsewhere")
            .without("sec-fetch-site")
            .header("sec-fetch-site", "cross-site"),
        cookie("with a cookie alone").without("x-csrf-token"),
        cookie("with a cookie and nonsense")
            .without("x-csrf-token")
            .header("x-csrf-token", "nonsense"),
        subject.by_cookie_of("with the token of another session", "[cookie]", "[stale-csrf]"),
    ];
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
        let row = cookie(&format!("with the cookies {value:?}"));
        rows.push(row.without("cookie").header("cookie", value));
    }
    rows
}
