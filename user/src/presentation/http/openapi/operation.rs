//! What is to be said of each route.

use http::Method;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::schema;
use crate::presentation::http::{
    Route,
    account::AccountBody,
    body::{EmailBody, TokenBody},
    login::{LoginBody, PasswordBody},
    password::{ChangePasswordBody, ResetBody},
    registration::RegistrationBody,
};

/// What is to be said of a route.
pub(super) struct Operation {
    pub(super) summary: &'static str,
    pub(super) access: Access,
    /// What the query has to say, as a name and its only value.
    pub(super) query: Option<(&'static str, &'static str)>,
    pub(super) body: Option<Body>,
    pub(super) successes: Vec<Success>,
    /// Statuses beyond those of every route of its kind.
    pub(super) problems: &'static [u16],
}

/// Who may use a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Anybody,
    SignedIn,
}

/// The body that a route takes.
#[derive(Clone, Copy)]
pub(super) struct Body {
    pub(super) name: &'static str,
    pub(super) schemas: fn() -> Vec<(String, Value)>,
    pub(super) example: fn() -> Value,
}

/// How a route can succeed.
pub(super) struct Success {
    pub(super) status: u16,
    pub(super) description: &'static str,
    /// The name of the schema of the body, if there is one.
    pub(super) schema: Option<&'static str>,
    pub(super) may_set_cookie: bool,
}

impl Operation {
    /// What is to be said of this route.
    pub(super) fn of(route: &Route) -> Self {
        Self::known(&route.method, route.path).unwrap_or(Self {
            summary: "",
            access: Access::SignedIn,
            query: None,
            body: None,
            successes: Vec::new(),
            problems: &[],
        })
    }

    /// What is to be said of a route, if that was written down.
    pub(super) fn known(method: &Method, path: &str) -> Option<Self> {
        let operation = match (method.as_str(), path) {
            ("POST", "/auth/registration") => Self {
                summary: "Registers a user",
                access: Access::Anybody,
                query: None,
                body: body::<RegistrationBody>("RegistrationBody", || {
                    json!({
                        "email": "ada@example.org",
                        "password": "correct horse battery staple",
                        "display_name": "Ada Lovelace",
                    })
                }),
                successes: vec![
                    answers(202, "A mail tells how to go on, whoever has the address", "Pending"),
                    answers(201, "The user, without protection against enumeration", "Registered"),
                ],
                problems: &[409],
            },
            ("POST", "/auth/activation") => Self {
                summary: "Proves an address by the token that was mailed to it",
                access: Access::Anybody,
                query: None,
                body: token_body(),
                successes: vec![empty(204, "The user may log in")],
                problems: &[],
            },
            ("POST", "/auth/login") => Self {
                summary: "Opens a session",
                access: Access::Anybody,
                query: None,
                body: body::<LoginBody>("LoginBody", || {
                    json!({
                        "identifier": "ada@example.org",
                        "password": "correct horse battery staple",
                        "transport": "bearer",
                    })
                }),
                successes: vec![Success {
                    may_set_cookie: true,
                    ..answers(200, "The session, for a cookie or as a bearer token", "SignedIn")
                }],
                problems: &[401],
            },
            ("POST", "/auth/logout") => Self {
                summary: "Ends the session of the request",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![Success {
                    may_set_cookie: true,
                    ..empty(204, "The session is over")
                }],
                problems: &[],
            },
            ("GET", "/account") => Self {
                summary: "The signed-in user's own account",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![answers(200, "The user", "User")],
                problems: &[404],
            },
            ("POST", "/auth/activation/resend") => Self {
                summary: "Asks for the activation mail once more",
                access: Access::Anybody,
                query: None,
                body: email_body(),
                successes: vec![answers(202, "Whoever has the address", "Accepted")],
                problems: &[],
            },
            ("POST", "/auth/reauth") => Self {
                summary: "Proves anew who is signed in; the session gets another token",
                access: Access::SignedIn,
                query: None,
                body: body::<PasswordBody>("PasswordBody", || json!({ "password": PASSWORD })),
                successes: vec![renewed("The session, under another token")],
                problems: &[],
            },
            ("GET", "/auth/csrf") => Self {
                summary: "The CSRF token of the session, for a page that was loaded anew",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![answers(200, "The token", "CsrfToken")],
                problems: &[],
            },
            ("POST", "/auth/password/forgot") => Self {
                summary: "Asks for a mail with which to choose a new password",
                access: Access::Anybody,
                query: None,
                body: email_body(),
                successes: vec![answers(202, "Whoever has the address", "Accepted")],
                problems: &[],
            },
            ("POST", "/auth/password/reset") => Self {
                summary: "Replaces a forgotten password and ends all sessions",
                access: Access::Anybody,
                query: None,
                body: body::<ResetBody>(
                    "ResetBody",
                    || json!({ "token": TOKEN, "password": PASSWORD }),
                ),
                successes: vec![empty(204, "The password is replaced; nobody is signed in by it")],
                problems: &[],
            },
            ("POST", "/auth/email/confirm") => Self {
                summary: "Agrees to a change of the address, for one of the two mailboxes",
                access: Access::Anybody,
                query: None,
                body: token_body(),
                successes: vec![answers(200, "The mailboxes that have not agreed yet", "Awaiting")],
                problems: &[],
            },
            ("POST", "/auth/email/cancel") => Self {
                summary: "Stops a change of the address",
                access: Access::Anybody,
                query: None,
                body: token_body(),
                successes: vec![empty(204, "The address stays")],
                problems: &[],
            },
            ("PATCH", "/account") => Self {
                summary: "Changes the signed-in user's own account",
                access: Access::SignedIn,
                query: None,
                body: body::<AccountBody>(
                    "AccountBody",
                    || json!({ "display_name": "Ada King", "locale": "en-GB" }),
                ),
                successes: vec![answers(200, "The user as it is now", "User")],
                problems: &[404],
            },
            ("POST", "/account/password") => Self {
                summary: "Changes the password and ends all other sessions",
                access: Access::SignedIn,
                query: None,
                body: body::<ChangePasswordBody>(
                    "ChangePasswordBody",
                    || json!({ "current_password": PASSWORD, "new_password": "nine umbrellas for a duck" }),
                ),
                successes: vec![renewed("This session, under another token")],
                problems: &[],
            },
            ("POST", "/account/email") => Self {
                summary: "Asks for another address; both mailboxes have to agree",
                access: Access::SignedIn,
                query: None,
                body: email_body(),
                successes: vec![answers(202, "For a free and a taken address alike", "Accepted")],
                problems: &[],
            },
            ("GET", "/account/sessions") => Self {
                summary: "The signed-in user's sessions",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![answers(200, "The latest first", "Sessions")],
                problems: &[],
            },
            ("DELETE", "/account/sessions") => Self {
                summary: "Ends all sessions but this one",
                access: Access::SignedIn,
                query: Some(("except", "current")),
                body: None,
                successes: vec![empty(204, "They are over")],
                problems: &[],
            },
            ("DELETE", "/account/sessions/{id}") => Self {
                summary: "Ends one of the signed-in user's sessions",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![empty(204, "It is over")],
                problems: &[],
            },
            ("POST", "/account/removal") => Self {
                summary: "Removes the signed-in user's own account",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![Success { may_set_cookie: true, ..empty(204, "It is removed") }],
                problems: &[],
            },
            ("GET", "/account/export") => Self {
                summary: "A copy of all that is kept about the signed-in user",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![answers(200, "The copy, as a file", "Export")],
                problems: &[404],
            },
            ("GET", "/auth/openapi.json") => Self {
                summary: "This document",
                access: Access::Anybody,
                query: None,
                body: None,
                successes: vec![answers(200, "The description of the contract", "Document")],
                problems: &[],
            },
            _ => return None,
        };
        Some(operation)
    }
}

/// Has the form of a token.
const TOKEN: &str = "dGhpcyBpcyBubyB0b2tlbiBvZiBhbnlib2R5IGF0IGE";

/// Would do.
const PASSWORD: &str = "correct horse battery staple";

fn token_body() -> Option<Body> {
    body::<TokenBody>("TokenBody", || json!({ "token": TOKEN }))
}

fn email_body() -> Option<Body> {
    body::<EmailBody>("EmailBody", || json!({ "email": "ada@example.org" }))
}

const fn renewed(description: &'static str) -> Success {
    Success { may_set_cookie: true, ..answers(200, description, "SignedIn") }
}

fn body<T: ToSchema>(name: &'static str, example: fn() -> Value) -> Option<Body> {
    Some(Body { name, schemas: || vec![schema::closed::<T>()], example })
}

const fn answers(status: u16, description: &'static str, schema: &'static str) -> Success {
    Success { status, description, schema: Some(schema), may_set_cookie: false }
}

const fn empty(status: u16, description: &'static str) -> Success {
    Success { status, description, schema: None, may_set_cookie: false }
}
