//! Requests that come too late, or where somebody else was there before.

use serde_json::json;

use super::subject::Subject;
use crate::testing::parity::{
    aspect::Aspect,
    request::Request,
    scene::{NEW_PASSWORD, PASSWORD},
};

const WRONG: &str = "wrong horse battery staple";

/// One try more than there are.
const TOO_OFTEN: u8 = 6;

/// What has happened before, or happens again.
pub(super) fn rows(subject: &Subject) -> Vec<Request> {
    let mut rows: Vec<_> =
        subject.by_everybody("twice").into_iter().map(|row| row.times(2)).collect();
    rows.extend(of_members(subject));
    rows.extend(of_places(subject));
    rows.into_iter().map(|row| row.of(Aspect::Conflicting)).collect()
}

/// Members that somebody has made good and somebody else no good.
fn of_members(subject: &Subject) -> Vec<Request> {
    let tokens = [
        ("a token for an account that is active", "[used-activation]"),
        ("a token for another purpose", "[activation]"),
        ("a token for a password", "[reset]"),
        ("a token that was used", "[used-reset]"),
        ("a token from before the password was changed", "[void-reset]"),
        ("a token that has agreed already", "[agreed]"),
        ("a token for a change that was stopped", "[cancelled]"),
        ("a token for a change that another took the place of", "[replaced]"),
        ("a token for an address that is taken by now", "[agree-taken]"),
        ("a token for a session", "[bearer]"),
    ];
    let addresses = [
        ("an address that is taken", "[email]"),
        ("an address that waits for its activation", "[pending-email]"),
        ("an address whose account is removed", "[removed-email]"),
        ("an address that nobody has", "[new-email]"),
    ];
    let mut rows = Vec::new();
    for (member, values) in
        [("token", &tokens[..]), ("email", &addresses[..]), ("identifier", &addresses[..])]
    {
        if subject.has_member(member) {
            let with = |(name, value): &(&str, &str)| {
                subject.with(member, json!(value)).by_everybody(&format!("with {name}"))
            };
            rows.extend(values.iter().flat_map(with));
        }
    }
    for member in ["password", "current_password"] {
        // A password that is chosen cannot be a wrong one.
        let is_chosen = subject.path.ends_with("reset") || subject.path.ends_with("registration");
        if subject.has_member(member) && !is_chosen {
            let wrong = subject.with(member, json!(WRONG));
            rows.extend(wrong.by_everybody("with a wrong password"));
            let too_often = wrong.by_everybody("with a wrong password, too often");
            rows.extend(too_often.into_iter().map(|row| row.times(TOO_OFTEN)));
        }
    }
    for member in ["password", "new_password"] {
        if subject.has_member(member) {
            for (name, password) in [
                ("the password that there is", PASSWORD),
                ("another password", NEW_PASSWORD),
                ("a password that is too short", "short"),
                ("a password that everybody has", "password12345678"),
            ] {
                let with = subject.with(member, json!(password));
                rows.extend(with.by_everybody(&format!("with {name}")));
            }
        }
    }
    rows
}

/// What there is no more, or is somebody else's, and too much.
fn of_places(subject: &Subject) -> Vec<Request> {
    let places: &[_] = match (subject.method.as_str(), subject.path) {
        ("DELETE", "/account/sessions") => &[
            ("without a query", "/account/sessions"),
            ("except another one", "/account/sessions?except=[session]"),
            ("except two", "/account/sessions?except=current&except=current"),
        ],
        ("DELETE", "/account/sessions/{id}") => &[
            ("of somebody else", "/account/sessions/[other-session]"),
            ("of nobody", "/account/sessions/00000000-0000-7000-8000-000000000000"),
            ("by what is no identifier", "/account/sessions/nonsense"),
        ],
        _ => &[],
    };
    let place = |(name, target): &(&str, &str)| subject.at(target).by_everybody(name);
    let mut rows: Vec<_> = places.iter().flat_map(place).collect();
    if subject.path == "/account/email" {
        let too_often = subject.by_everybody("too often");
        rows.extend(too_often.into_iter().map(|row| row.times(TOO_OFTEN)));
    }
    rows
}
