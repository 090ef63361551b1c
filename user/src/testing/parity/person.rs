//! Somebody to send a request for.

use bytes::Bytes;
use http::header;
use serde_json::{Value, json};

use super::{request::Request, stage::Stage};

/// The password of everybody.
pub(super) const PASSWORD: &str = "correct horse battery staple";

/// Another password, for who chooses one.
pub(super) const NEW_PASSWORD: &str = "ferret lamp umbrella cheese";

/// Somebody to send a request for: what the names in brackets in it stand for.
#[derive(Debug, Default)]
pub(super) struct Person {
    values: Vec<(&'static str, String)>,
}

impl Person {
    /// Makes whoever a request needs, by calls of the function.
    pub(super) async fn for_request(stage: &Stage, request: &Request, number: usize) -> Self {
        let mut values = signed_in(stage, &format!("user-{number}@x.test")).await;
        if request.needs("[activation]") {
            let token = registered(stage, &format!("pending-{number}@x.test")).await;
            values.push(("[activation]", token));
        }
        if request.needs("[reset]") {
            let email = format!("forgetful-{number}@x.test");
            signed_in(stage, &email).await;
            post(stage, "/auth/password/forgot", &json!({ "email": email })).await;
            values.push(("[reset]", mailed(stage, &email).await));
        }
        if request.needs("[email-change]") {
            let (email, new) =
                (format!("moving-{number}@x.test"), format!("moved-{number}@x.test"));
            let bearer = signed_in(stage, &email).await.swap_remove(1).1;
            let path = "/account/email";
            post_as(stage, Some(&bearer), path, &json!({ "email": new })).await;
            values.push(("[email-change]", mailed(stage, &new).await));
        }
        Self { values }
    }

    /// The request with what the names in brackets stand for.
    pub(super) fn fill_in(&self, request: &Request, number: usize) -> Request {
        let mut request = request.clone();
        let new_email = ("[new-email]", format!("new-{number}@x.test"));
        for (name, value) in self.values.iter().chain([&new_email]) {
            request.target = request.target.replace(name, value);
            for text in request.texts() {
                replace(text, name.as_bytes(), value.as_bytes());
            }
        }
        request
    }
}

/// Replaces every occurrence; the text may be no UTF-8.
fn replace(text: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    while let Some(start) = text.windows(name.len()).position(|part| part == name) {
        text.splice(start..start + name.len(), value.iter().copied());
    }
}

/// Registers somebody and gives the token of the mail.
async fn registered(stage: &Stage, email: &str) -> String {
    post(stage, "/auth/registration", &json!({ "email": email, "password": PASSWORD })).await;
    mailed(stage, email).await
}

/// The token in the last mail, once all are sent.
async fn mailed(stage: &Stage, email: &str) -> String {
    while stage.users().users().deliver_mail().await.unwrap() {}
    stage.mailbox.token(email).unwrap()
}

async fn signed_in(stage: &Stage, email: &str) -> Vec<(&'static str, String)> {
    let token = registered(stage, email).await;
    post(stage, "/auth/activation", &json!({ "token": token })).await;
    let log_in = async |transport: &str| {
        let body = json!({ "identifier": email, "password": PASSWORD, "transport": transport });
        post(stage, "/auth/login", &body).await
    };
    let (bearer, cookie) = (log_in("bearer").await, log_in("cookie").await);
    let text = |answer: &http::Response<Bytes>, pointer: &str| {
        let body: Value = serde_json::from_slice(answer.body()).unwrap();
        body.pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
    };
    let set = cookie.headers()[header::SET_COOKIE].to_str().unwrap();
    vec![
        ("[email]", email.to_owned()),
        ("[bearer]", text(&bearer, "/access_token")),
        ("[cookie]", set.split(';').next().unwrap().to_owned()),
        ("[csrf]", text(&cookie, "/csrf_token")),
        ("[session]", text(&cookie, "/session/id")),
        ("[user]", text(&bearer, "/user/id")),
    ]
}

async fn post(stage: &Stage, path: &str, body: &Value) -> http::Response<Bytes> {
    post_as(stage, None, path, body).await
}

async fn post_as(
    stage: &Stage,
    bearer: Option<&str>,
    path: &str,
    body: &Value,
) -> http::Response<Bytes> {
    let mut request = http::Request::post(path).header(header::CONTENT_TYPE, "application/json");
    if let Some(bearer) = bearer {
        request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
    }
    let request = request.body(Bytes::from(body.to_string())).unwrap();
    let response = stage.users().call(request).await;
    assert!(response.status().is_success(), "{path}: {response:?}");
    response
}
