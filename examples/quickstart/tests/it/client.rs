//! A client that speaks HTTP over a real socket.

use reqwest::{
    Method, RequestBuilder,
    header::{CONTENT_TYPE, HeaderMap, SET_COOKIE},
};
use serde_json::{Value, json};

/// A password that nobody else has: if it is found anywhere, it has leaked.
pub(crate) const PASSWORD: &str = "canary horse battery staple";

/// A client that keeps no cookie and follows nothing by itself.
#[derive(Clone)]
pub(crate) struct Client {
    http: reqwest::Client,
    address: String,
}

/// An answer, read to its end.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: String,
}

impl Client {
    pub(crate) fn of(address: &str) -> Self {
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, address: address.to_owned() }
    }

    pub(crate) fn request(&self, method: Method, path: &str) -> RequestBuilder {
        self.http.request(method, format!("{}{path}", self.address))
    }

    pub(crate) fn get(&self, path: &str) -> RequestBuilder {
        self.request(Method::GET, path)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> RequestBuilder {
        self.request(Method::POST, path).json(body)
    }

    /// Registers with the right answer to the question.
    pub(crate) fn register(&self, email: &str) -> RequestBuilder {
        let body = json!({
            "email": email, "password": PASSWORD, "extra": { "horse_legs": "four" }
        });
        self.post("/auth/registration", &body)
    }

    pub(crate) fn activate(&self, token: &str) -> RequestBuilder {
        self.post("/auth/activation", &json!({ "token": token, "password": PASSWORD }))
    }

    pub(crate) fn log_in(&self, email: &str, transport: &str) -> RequestBuilder {
        let body = json!({ "identifier": email, "password": PASSWORD, "transport": transport });
        self.post("/auth/login", &body)
    }

    pub(crate) fn log_out(&self) -> RequestBuilder {
        self.post("/auth/logout", &json!({}))
    }
}

/// Sends a request and reads the answer.
pub(crate) trait Send {
    async fn answer(self) -> Answer;
}

impl Send for RequestBuilder {
    async fn answer(self) -> Answer {
        Answer::of(self.send().await.unwrap()).await.unwrap()
    }
}

impl Answer {
    pub(crate) async fn of(response: reqwest::Response) -> reqwest::Result<Self> {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        Ok(Self { status, headers, body: response.text().await? })
    }

    /// The answer, if it has this status.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{self:?}");
        self
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The text of a member of the body, found by a JSON pointer.
    pub(crate) fn text(&self, pointer: &str) -> String {
        self.json().pointer(pointer).unwrap().as_str().unwrap().to_owned()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers[name].to_str().unwrap()
    }

    /// The cookie that it sets, as `name=value`.
    pub(crate) fn cookie(&self) -> String {
        self.headers[SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
    }

    /// Asserts that it is a problem (RFC 9457) with this status and code, and gives its violations as
    /// `pointer code`.
    #[track_caller]
    pub(crate) fn problem(&self, status: u16, code: &str) -> Vec<String> {
        assert_eq!(self.status, status, "{self:?}");
        assert_eq!(self.headers[CONTENT_TYPE], "application/problem+json", "{self:?}");
        assert_eq!(self.headers["cache-control"], "no-store", "{self:?}");
        let body = self.json();
        assert_eq!((&body["status"], &body["code"]), (&json!(status), &json!(code)), "{self:?}");
        assert_eq!(body["type"], "about:blank");
        assert!(body["title"].is_string() && body["detail"].is_string(), "{self:?}");
        let violations = body["errors"].as_array().map(Vec::as_slice).unwrap_or_default();
        let text = |violation: &Value, member: &str| violation[member].as_str().unwrap().to_owned();
        violations
            .iter()
            .map(|violation| format!("{} {}", text(violation, "pointer"), text(violation, "code")))
            .collect()
    }
}
