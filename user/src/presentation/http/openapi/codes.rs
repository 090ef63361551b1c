//! The codes that a client may know.

/// The codes of problems, by status. Listeners of an application may add others.
pub(super) const OF_PROBLEMS: &[(u16, &[&str])] = &[
    (400, &["malformed", "unreadable"]),
    (401, &["unauthenticated", "invalid_credentials", "reauthentication_required"]),
    (
        403,
        &["foreign_origin", "csrf_token_invalid", "role_required", "not_activated", "deactivated"],
    ),
    (404, &["not_found"]),
    (405, &["method_not_allowed"]),
    (408, &["request_timeout"]),
    (409, &["email_taken"]),
    (413, &["too_large"]),
    (415, &["unsupported_media_type"]),
    (422, &["invalid", "token_invalid", "email_unavailable"]),
    (429, &["too_many_requests"]),
    (500, &["internal", "step_unhandled"]),
    (503, &["unavailable", "busy", "deadline_exceeded", "outcome_unknown"]),
];

/// The codes of what is wrong with a member of a body. Listeners of an application may add others.
pub(super) const OF_VIOLATIONS: &[&str] = &[
    "required",
    "wrong_type",
    "unknown_member",
    "unknown_value",
    "unchanged",
    "invalid_email",
    "invalid_locale",
    "forbidden_character",
    "too_short",
    "too_long",
    "guessable",
    "compromised",
    "wrong_password",
];

/// The codes of the problems with this status.
pub(super) fn of_status(status: u16) -> &'static [&'static str] {
    let known = OF_PROBLEMS.iter().find(|(known, _)| *known == status);
    known.map_or(&[], |(_, codes)| codes)
}
