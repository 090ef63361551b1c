//! A client that speaks HTTP over a real socket.

use std::net::SocketAddr;

use http::{HeaderMap, Method, header};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::PASSWORD;

/// A client that keeps no cookie and follows nothing by itself.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    address: SocketAddr,
    /// What stands before the paths of the module.
    prefix: &'static str,
}

/// An answer, read to its end.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    /// Without the time, which is never the same.
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

/// What a session's cookie is accompanied by.
#[derive(Debug, Clone)]
pub(crate) struct CookieSession {
    /// `name=value`
    pub(crate) cookie: String,
    pub(crate) csrf: String,
}

impl CookieSession {
    /// The session that an answer has opened.
    #[track_caller]
    pub(crate) fn of(answer: &Answer) -> Self {
        Self { cookie: answer.cookie(), csrf: answer.text("/csrf_token") }
    }

    /// The token that the cookie holds.
    pub(crate) fn token(&self) -> &str {
        self.cookie.split_once('=').unwrap().1
    }
}

impl Client {
    pub(crate) fn new(address: SocketAddr, prefix: &'static str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, address, prefix }
    }

    /// A request to a route of the application's own.
    pub(crate) fn to_application(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("http://{}{path}", self.address))
    }

    /// A request to a route of the module.
    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.to_application(method, &format!("{}{path}", self.prefix))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, path).json(body)
    }

    pub(crate) fn register(&self, email: &str) -> RequestBuilder {
        self.register_with(email, PASSWORD)
    }

    pub(crate) fn register_with(&self, email: &str, password: &str) -> RequestBuilder {
        self.post("/auth/registration", &json!({ "email": email, "password": password }))
    }

    /// Activates an account that was registered with the usual password.
    pub(crate) fn activate(&self, token: &str) -> RequestBuilder {
        self.activate_with(token, PASSWORD)
    }

    pub(crate) fn activate_with(&self, token: &str, password: &str) -> RequestBuilder {
        self.post("/auth/activation", &json!({ "token": token, "password": password }))
    }

    /// Activates an account with another password than it was registered with.
    pub(crate) fn activate_anew(&self, token: &str, password: &str) -> RequestBuilder {
        self.post("/auth/activation", &json!({ "token": token, "new_password": password }))
    }

    pub(crate) fn log_in(&self, identifier: &str, password: &str) -> RequestBuilder {
        self.log_in_by("bearer", identifier, password)
    }

    pub(crate) fn log_in_by(
        &self,
        transport: &str,
        identifier: &str,
        password: &str,
    ) -> RequestBuilder {
        let body = json!({
            "identifier": identifier, "password": password, "transport": transport
        });
        self.post("/auth/login", &body)
    }

    /// A bearer token for somebody with the usual password.
    pub(crate) async fn bearer(&self, identifier: &str) -> String {
        self.log_in(identifier, PASSWORD).answer().await.expect(200).text("/access_token")
    }

    /// A cookie session for somebody with the usual password.
    pub(crate) async fn cookie(&self, identifier: &str) -> CookieSession {
        CookieSession::of(&self.cookie_answer(identifier, PASSWORD).await)
    }

    /// The answer to the login that opens a cookie session.
    pub(crate) async fn cookie_answer(&self, identifier: &str, password: &str) -> Answer {
        self.log_in_by("cookie", identifier, password).answer().await.expect(200)
    }

    pub(crate) fn log_out(&self) -> RequestBuilder {
        self.post("/auth/logout", &json!({}))
    }

    pub(crate) fn resend(&self, email: &str) -> RequestBuilder {
        self.post("/auth/activation/resend", &json!({ "email": email }))
    }

    pub(crate) fn forgot(&self, email: &str) -> RequestBuilder {
        self.post("/auth/password/forgot", &json!({ "email": email }))
    }

    pub(crate) fn reset(&self, token: &str, password: &str) -> RequestBuilder {
        self.post("/auth/password/reset", &json!({ "token": token, "password": password }))
    }

    pub(crate) fn reauthenticate(&self, password: &str) -> RequestBuilder {
        self.post("/auth/reauth", &json!({ "password": password }))
    }

    pub(crate) fn change_password(&self, current: &str, new: &str) -> RequestBuilder {
        let body = json!({ "current_password": current, "new_password": new });
        self.post("/account/password", &body)
    }

    pub(crate) fn update_account(&self, body: &Value) -> RequestBuilder {
        self.request(Method::PATCH, "/account").json(body)
    }

    pub(crate) fn change_email(&self, email: &str) -> RequestBuilder {
        self.post("/account/email", &json!({ "email": email }))
    }

    pub(crate) fn confirm_email(&self, token: &str) -> RequestBuilder {
        self.post("/auth/email/confirm", &json!({ "token": token }))
    }

    pub(crate) fn cancel_email(&self, token: &str) -> RequestBuilder {
        self.post("/auth/email/cancel", &json!({ "token": token }))
    }

    pub(crate) fn revoke(&self, session_id: &str) -> RequestBuilder {
        self.request(Method::DELETE, &format!("/account/sessions/{session_id}"))
    }

    pub(crate) fn revoke_others(&self) -> RequestBuilder {
        self.request(Method::DELETE, "/account/sessions?except=current")
    }

    pub(crate) fn remove_account(&self) -> RequestBuilder {
        self.remove_account_with(PASSWORD)
    }

    pub(crate) fn remove_account_with(&self, password: &str) -> RequestBuilder {
        self.post("/account/removal", &json!({ "password": password }))
    }

    pub(crate) fn account_of_bearer(&self, token: &str) -> RequestBuilder {
        self.get("/account").bearer_auth(token)
    }

    pub(crate) fn account_of_cookie(&self, session: &CookieSession) -> RequestBuilder {
        self.get("/account").header(header::COOKIE, &session.cookie)
    }
}

/// Sends a request and reads the answer.
pub(crate) trait Send {
    async fn answer(self) -> Answer;
    /// With everything that a page of the service's own sends along.
    fn on_own_page(self, session: &CookieSession) -> Self;
}

impl Send for RequestBuilder {
    async fn answer(self) -> Answer {
        Answer::of(self.send().await.unwrap()).await
    }

    fn on_own_page(self, session: &CookieSession) -> Self {
        self.header(header::COOKIE, &session.cookie)
            .header("Sec-Fetch-Site", "same-origin")
            .header("X-CSRF-Token", &session.csrf)
    }
}

impl Answer {
    async fn of(response: reqwest::Response) -> Self {
        let (status, mut headers) = (response.status().as_u16(), response.headers().clone());
        headers.remove(header::DATE);
        Self { status, headers, body: response.text().await.unwrap() }
    }

    /// The same without the challenge, which says whether a bearer token was presented.
    #[must_use]
    pub(crate) fn without_challenge(mut self) -> Self {
        self.headers.remove(header::WWW_AUTHENTICATE);
        self
    }

    /// The answer, if it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The body, or nothing where there is none.
    pub(crate) fn json_or_null(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// The text of a member of the body, found by a JSON pointer.
    #[track_caller]
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.json().pointer(pointer).unwrap().as_str().unwrap().to_owned()
    }

    /// The cookie that it sets, as `name=value`.
    #[track_caller]
    pub(crate) fn cookie(&self) -> String {
        let cookie = self.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    /// The mark of the device that it sets, as `name=value`.
    #[track_caller]
    pub(crate) fn device(&self) -> String {
        let cookies = self.headers.get_all(header::SET_COOKIE).iter();
        let mut cookies = cookies.map(|cookie| cookie.to_str().unwrap().split(';').next().unwrap());
        cookies.find(|cookie| cookie.starts_with("__Host-session-device=")).unwrap().to_owned()
    }

    /// Asserts that it is a problem (RFC 9457) with this status and code, and gives its violations as
    /// `pointer code`.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Vec<String> {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.headers[header::CONTENT_TYPE], "application/problem+json", "{self:?}");
        assert_eq!(self.headers[header::CACHE_CONTROL], "no-store", "{self:?}");
        assert_eq!(self.headers[header::X_CONTENT_TYPE_OPTIONS], "nosniff", "{self:?}");
        let body = self.json();
        assert_eq!((&body["status"], &body["code"]), (&json!(status), &json!(code)), "{self:?}");
        let violations = body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |violation: &Value, member: &str| violation[member].as_str().unwrap().to_owned();
        violations
            .iter()
            .map(|violation| format!("{} {}", text(violation, "pointer"), text(violation, "code")))
            .collect()
    }

    /// Asserts that it says nothing but that something is wrong, and gives the line that the log has on it.
    #[track_caller]
    pub(crate) fn internal_problem(&self, status: u16, code: &str) -> String {
        assert_eq!(self.problem(status, code), [""; 0], "{self:?}");
        let body = self.json();
        let mut members: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        members.sort_unstable();
        assert_eq!(members, ["code", "detail", "id", "status", "title", "type"], "{self:?}");
        let expected = match status {
            500 => "an internal error occurred",
            _ => "the service is unavailable for the moment",
        };
        assert_eq!(body["detail"], expected);
        super::log::last_line_with(body["id"].as_str().unwrap())
            .unwrap_or_else(|| panic!("the log does not have {self:?}"))
    }
}
