//! What is to be said of each route.

use http::Method;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::schema;
use crate::presentation::http::{
    Route,
    account::AccountBody,
    activation::ActivationBody,
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
                    answers(
                        202,
                        "Accepted. A mail tells how to continue. The response is the same whether or not the address has an account.",
                        "Pending",
                    ),
                    answers(
                        201,
                        "The new user. Only if the service reveals which addresses have an account.",
                        "Registered",
                    ),
                ],
                problems: &[409],
            },
            ("POST", "/auth/activation") => Self {
                summary: "Activates an account with the token of a mail",
                access: Access::Anybody,
                query: None,
                body: body::<ActivationBody>("ActivationBody", || {
                    json!({
                        "token": TOKEN,
                        "password": "correct horse battery staple",
                    })
                }),
                successes: vec![empty(204, "Activated. The user can log in now.")],
                problems: &[],
            },
            ("POST", "/auth/login") => Self {
                summary: "Logs in",
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
                    ..answers(200, "The session, in a cookie or as a bearer token", "SignedIn")
                }],
                problems: &[401],
            },
            ("POST", "/auth/logout") => Self {
                summary: "Logs out",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![Success {
                    may_set_cookie: true,
                    ..empty(204, "The session was ended.")
                }],
                problems: &[],
            },
            ("GET", "/account") => Self {
                summary: "Returns the signed-in user",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![answers(200, "The user", "User")],
                problems: &[404],
            },
            ("POST", "/auth/activation/resend") => Self {
                summary: "Requests another activation mail",
                access: Access::Anybody,
                query: None,
                body: email_body(),
                successes: vec![answers(202, SAME_FOR_ALL, "Accepted")],
                problems: &[],
            },
            ("POST", "/auth/reauth") => Self {
                summary: "Re-authenticates the signed-in user with the password and replaces the session's token",
                access: Access::SignedIn,
                query: None,
                body: body::<PasswordBody>("PasswordBody", || json!({ "password": PASSWORD })),
                successes: vec![renewed("The session, with its new token")],
                problems: &[],
            },
            ("GET", "/auth/csrf") => Self {
                summary: "Returns the CSRF token of the session, for example after a page was reloaded",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![answers(200, "The CSRF token", "CsrfToken")],
                problems: &[],
            },
            ("POST", "/auth/password/forgot") => Self {
                summary: "Requests a mail to reset a forgotten password",
                access: Access::Anybody,
                query: None,
                body: email_body(),
                successes: vec![answers(202, SAME_FOR_ALL, "Accepted")],
                problems: &[],
            },
            ("POST", "/auth/password/reset") => Self {
                summary: "Resets a forgotten password and ends all sessions",
                access: Access::Anybody,
                query: None,
                body: body::<ResetBody>(
                    "ResetBody",
                    || json!({ "token": TOKEN, "password": PASSWORD }),
                ),
                successes: vec![Success {
                    may_set_cookie: true,
                    ..empty(204, "The password was replaced. The user can log in with it now.")
                }],
                problems: &[],
            },
            ("POST", "/auth/email/confirm") => Self {
                summary: "Confirms a change of the email address, for one of the two mailboxes",
                access: Access::Anybody,
                query: None,
                body: token_body(),
                successes: vec![answers(
                    200,
                    "The mailboxes that have not confirmed yet; none once the address is changed",
                    "Awaiting",
                )],
                problems: &[],
            },
            ("POST", "/auth/email/cancel") => Self {
                summary: "Cancels a change of the email address",
                access: Access::Anybody,
                query: None,
                body: token_body(),
                successes: vec![empty(204, "Cancelled. The address stays as it is.")],
                problems: &[],
            },
            ("PATCH", "/account") => Self {
                summary: "Updates the signed-in user",
                access: Access::SignedIn,
                query: None,
                body: body::<AccountBody>(
                    "AccountBody",
                    || json!({ "display_name": "Ada King", "locale": "en-GB" }),
                ),
                successes: vec![answers(200, "The updated user", "User")],
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
                successes: vec![renewed("This session, with its new token")],
                problems: &[],
            },
            ("POST", "/account/email") => Self {
                summary: "Requests a change of the email address, which both mailboxes have to confirm",
                access: Access::SignedIn,
                query: None,
                body: email_body(),
                successes: vec![answers(202, SAME_FOR_ALL, "Accepted")],
                problems: &[],
            },
            ("GET", "/account/sessions") => Self {
                summary: "Lists the signed-in user's sessions",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![answers(200, "The sessions, latest first", "Sessions")],
                problems: &[],
            },
            ("DELETE", "/account/sessions") => Self {
                summary: "Ends all other sessions of the signed-in user",
                access: Access::SignedIn,
                query: Some(("except", "current")),
                body: None,
                successes: vec![empty(204, "All other sessions were ended.")],
                problems: &[],
            },
            ("DELETE", "/account/sessions/{id}") => Self {
                summary: "Ends one of the signed-in user's sessions",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![empty(204, "The session was ended.")],
                problems: &[],
            },
            ("POST", "/account/removal") => Self {
                summary: "Removes the signed-in user's account",
                access: Access::SignedIn,
                query: None,
                body: body::<PasswordBody>("PasswordBody", || json!({ "password": PASSWORD })),
                successes: vec![Success {
                    may_set_cookie: true,
                    ..empty(204, "The account was removed, or closed until it is.")
                }],
                problems: &[],
            },
            ("GET", "/account/export") => Self {
                summary: "Exports everything that is stored about the signed-in user",
                access: Access::SignedIn,
                query: None,
                body: None,
                successes: vec![answers(200, "The export, as a file", "Export")],
                problems: &[404],
            },
            ("GET", "/auth/openapi.json") => Self {
                summary: "Returns this document",
                access: Access::Anybody,
                query: None,
                body: None,
                successes: vec![answers(200, "This API as an OpenAPI document", "Document")],
                problems: &[],
            },
            _ => return None,
        };
        Some(operation)
    }
}

/// Neither reveals whether an address has an account.
const SAME_FOR_ALL: &str =
    "Accepted. The response is the same whether or not the address has an account.";

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
