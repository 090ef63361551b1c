//! A route, as the rows about it need it.

use http::Method;
use serde_json::{Value, json};

use super::is_for_anybody;
use crate::{
    presentation::http::Route,
    testing::parity::{
        aspect::Sender,
        request::Request,
        scene::{NEW_PASSWORD, PASSWORD},
    },
};

/// A route, as the rows about it need it: with a target and a body that are good.
#[derive(Debug, Clone)]
pub(super) struct Subject {
    pub(super) path: &'static str,
    pub(super) method: String,
    pub(super) target: String,
    /// `null` where there is none.
    pub(super) body: Value,
    pub(super) limit: usize,
    pub(super) is_for_anybody: bool,
}

impl Subject {
    pub(super) fn of(route: &Route, document: &Value, limit: usize) -> Self {
        let method = route.method.as_str();
        let described = &document["paths"][route.path][method.to_ascii_lowercase()];
        let example = &described["requestBody"]["content"]["application/json"]["example"];
        let body =
            if route.method == Method::GET { Value::Null } else { good_body(route.path, example) };
        Self {
            path: route.path,
            method: method.to_owned(),
            target: good_target(route.path, &described["parameters"]),
            body,
            limit,
            is_for_anybody: is_for_anybody(described),
        }
    }

    /// The same with another value for a member of the body.
    pub(super) fn with(&self, member: &str, value: Value) -> Self {
        let mut changed = self.clone();
        changed.body[member] = value;
        changed
    }

    /// The same at another place.
    pub(super) fn at(&self, target: &str) -> Self {
        Self { target: target.to_owned(), ..self.clone() }
    }

    /// The same by another method.
    pub(super) fn by(&self, method: &str) -> Self {
        Self { method: method.to_owned(), ..self.clone() }
    }

    /// The same without a body.
    pub(super) fn bare(&self) -> Self {
        Self { body: Value::Null, ..self.clone() }
    }

    pub(super) fn has_body(&self) -> bool {
        self.body.is_object()
    }

    pub(super) fn has_member(&self, name: &str) -> bool {
        self.body.get(name).is_some()
    }

    /// Sent by nobody who is signed in.
    pub(super) fn plain(&self, name: &str) -> Request {
        let mut request = Request::new(name, &self.method, &self.target);
        request.is_for_anybody = self.is_for_anybody;
        if self.body.is_null() {
            return request;
        }
        request.header("content-type", "application/json").body(self.body.to_string())
    }

    pub(super) fn by_bearer(&self, name: &str) -> Request {
        self.by_bearer_of(name, "[bearer]")
    }

    /// Sent with the token that this name in brackets stands for.
    pub(super) fn by_bearer_of(&self, name: &str, token: &str) -> Request {
        let row = self.plain(name).header("authorization", format!("Bearer {token}"));
        Request { sender: Sender::Bearer, ..row }
    }

    pub(super) fn by_cookie(&self, name: &str) -> Request {
        self.by_cookie_of(name, "[cookie]", "[csrf]")
    }

    /// Sent with the cookie and the CSRF token that these names in brackets stand for.
    pub(super) fn by_cookie_of(&self, name: &str, cookie: &str, csrf: &str) -> Request {
        let row = self
            .plain(name)
            .header("cookie", cookie)
            .header("sec-fetch-site", "same-origin")
            .header("x-csrf-token", csrf);
        Request { sender: Sender::Cookie, ..row }
    }

    /// Sent by whoever may send it.
    pub(super) fn by_everybody(&self, name: &str) -> Vec<Request> {
        let nobody = self.is_for_anybody.then(|| self.plain(&format!("{name}, as nobody")));
        let signed_in = [
            self.by_bearer(&format!("{name}, with a bearer token")),
            self.by_cookie(&format!("{name}, with a cookie")),
        ];
        nobody.into_iter().chain(signed_in).collect()
    }
}

/// The path, with what stands for its parameter, and what the query has to say.
fn good_target(path: &str, parameters: &Value) -> String {
    let mut target =
        path.replace("{id}", if path.contains("sessions") { "[session]" } else { "[user]" });
    let parameters = parameters.as_array().map(Vec::as_slice).unwrap_or_default();
    for parameter in parameters.iter().filter(|parameter| parameter["in"] == "query") {
        let name = parameter["name"].as_str().unwrap_or_default();
        let value = parameter["schema"]["enum"][0].as_str().unwrap_or_default();
        let separator = if target.contains('?') { '&' } else { '?' };
        target.push_str(&format!("{separator}{name}={value}"));
    }
    target
}

/// The example, with what makes it good for somebody.
fn good_body(path: &str, example: &Value) -> Value {
    let mut body = example.as_object().cloned().unwrap_or_default();
    for (name, value) in &mut body {
        match name.as_str() {
            "identifier" => *value = json!("[email]"),
            "email" if path == "/auth/activation/resend" => *value = json!("[pending-email]"),
            "email" if path == "/auth/password/forgot" => *value = json!("[email]"),
            "email" => *value = json!("[new-email]"),
            "password" if path == "/auth/password/reset" => *value = json!(NEW_PASSWORD),
            "password" | "current_password" => *value = json!(PASSWORD),
            "new_password" => *value = json!(NEW_PASSWORD),
            "token" if path == "/auth/activation" => *value = json!("[activation]"),
            "token" if path == "/auth/password/reset" => *value = json!("[reset]"),
            "token" if path.starts_with("/auth/email/") => *value = json!("[agree-new]"),
            _ => {}
        }
    }
    Value::Object(body)
}
