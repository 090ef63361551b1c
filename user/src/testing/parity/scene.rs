//! What has to have happened before a request.

use bytes::Bytes;
use http::{Method, Response, header};
use serde_json::{Value, json};
use time::Duration;

use super::stage::Stage;
use crate::presentation::http::ClientAddress;

/// The password of everybody.
pub(super) const PASSWORD: &str = "correct horse battery staple";

/// Another password, for who chooses one.
pub(super) const NEW_PASSWORD: &str = "ferret lamp umbrella cheese";

/// What names in brackets stand for.
pub(super) type Values = Vec<(&'static str, String)>;

/// What has to have happened before a request, for names in brackets to stand for something. Everything is done
/// by calls of the function, by people who are there for this request only.
pub(super) struct Scene<'s> {
    stage: &'s Stage,
    /// The number of the request.
    number: usize,
}

impl<'s> Scene<'s> {
    /// The names that stand for something beyond who is signed in.
    pub(super) const NAMES: [&'static str; 23] = [
        "[new-email]",
        "[pending-email]",
        "[removed-email]",
        "[activation]",
        "[used-activation]",
        "[reset]",
        "[used-reset]",
        "[void-reset]",
        "[agree-current]",
        "[agree-new]",
        "[agree-last]",
        "[agree-taken]",
        "[agreed]",
        "[cancelled]",
        "[replaced]",
        "[moving-bearer]",
        "[other-session]",
        "[stale-bearer]",
        "[stale-cookie]",
        "[ended-bearer]",
        "[ended-cookie]",
        "[renewed-bearer]",
        "[removed-bearer]",
    ];

    pub(super) fn new(stage: &'s Stage, number: usize) -> Self {
        Self { stage, number }
    }

    /// What this name stands for, and others that belong to it.
    pub(super) async fn make(&self, name: &'static str) -> Values {
        match name {
            "[new-email]" => vec![(name, self.email("new"))],
            "[pending-email]" => {
                self.register("pending").await;
                vec![(name, self.email("pending"))]
            }
            "[removed-email]" | "[removed-bearer]" => {
                let bearer = bearer_of(self.signed_in("removed").await);
                self.post_as(&bearer, "/account/removal", &json!({ "password": PASSWORD })).await;
                vec![("[removed-email]", self.email("removed")), ("[removed-bearer]", bearer)]
            }
            "[activation]" => vec![(name, self.register("new-here").await)],
            "[used-activation]" => {
                // So long ago that it is not answered once more.
                let hour = Duration::HOUR;
                self.stage.clock.set_back(hour);
                let token = self.register("here").await;
                self.post("/auth/activation", &json!({ "token": token, "password": PASSWORD }))
                    .await;
                self.stage.clock.set_back(-hour);
                vec![(name, token)]
            }
            "[reset]" | "[used-reset]" | "[void-reset]" => vec![(name, self.reset(name).await)],
            "[moving-bearer]" => vec![(name, self.moving().await)],
            "[other-session]" => {
                vec![(name, value_of(self.signed_in("other").await, "[session]"))]
            }
            "[stale-bearer]" | "[stale-cookie]" => {
                let hour = Duration::HOUR;
                self.stage.clock.set_back(hour);
                let values = self.signed_in("stale").await;
                self.stage.clock.set_back(-hour);
                renamed(values, ["[stale-bearer]", "[stale-cookie]", "[stale-csrf]"])
            }
            "[ended-bearer]" | "[ended-cookie]" => {
                let values = self.signed_in("ended").await;
                let again = self.log_in("ended", "bearer").await;
                let path = "/account/sessions?except=current";
                self.call(Method::DELETE, Some(&text(&again, "/access_token")), path, "").await;
                renamed(values, ["[ended-bearer]", "[ended-cookie]", "[ended-csrf]"])
            }
            "[renewed-bearer]" => {
                let bearer = bearer_of(self.signed_in("renewed").await);
                self.post_as(&bearer, "/auth/reauth", &json!({ "password": PASSWORD })).await;
                vec![(name, bearer)]
            }
            _ => self.changing(name).await,
        }
    }

    /// Somebody with a session of either kind.
    pub(super) async fn signed_in(&self, who: &str) -> Values {
        let token = self.register(who).await;
        self.post("/auth/activation", &json!({ "token": token, "password": PASSWORD })).await;
        let (bearer, cookie) = (self.log_in(who, "bearer").await, self.log_in(who, "cookie").await);
        let set = cookie.headers()[header::SET_COOKIE].to_str().unwrap();
        let own = text(&bearer, "/access_token");
        let session = self.own_session(&own).await;
        vec![
            ("[email]", self.email(who)),
            ("[bearer]", own),
            ("[cookie]", set.split(';').next().unwrap().to_owned()),
            ("[csrf]", text(&cookie, "/csrf_token")),
            ("[session]", text(&cookie, "/session/id")),
            ("[bearer-session]", session),
            ("[user]", text(&bearer, "/user/id")),
        ]
    }

    /// A token for a new password: a good one, a used one, or one from before the password was changed.
    async fn reset(&self, name: &str) -> String {
        let bearer = bearer_of(self.signed_in("forgetful").await);
        self.post("/auth/password/forgot", &json!({ "email": self.email("forgetful") })).await;
        let token = self.mailed("forgetful").await;
        if name == "[used-reset]" {
            let body = json!({ "token": token, "password": NEW_PASSWORD });
            self.post("/auth/password/reset", &body).await;
        }
        if name == "[void-reset]" {
            let body = json!({ "current_password": PASSWORD, "new_password": NEW_PASSWORD });
            self.post_as(&bearer, "/account/password", &body).await;
        }
        token
    }

    /// Somebody who has asked for another address.
    async fn moving(&self) -> String {
        let bearer = bearer_of(self.signed_in("moving").await);
        self.ask_for(&bearer, "moved").await;
        bearer
    }

    async fn ask_for(&self, bearer: &str, who: &str) {
        self.post_as(bearer, "/account/email", &json!({ "email": self.email(who) })).await;
    }

    /// A token for a change of an address, after this and that has happened to it.
    async fn changing(&self, name: &'static str) -> Values {
        let bearer = self.moving().await;
        let (current, new) = (self.mailed("moving").await, self.mailed("moved").await);
        let confirm = async |token: &str| {
            self.post("/auth/email/confirm", &json!({ "token": token })).await;
        };
        match name {
            "[agree-last]" => {
                confirm(&new).await;
                vec![(name, current)]
            }
            "[agree-taken]" => {
                confirm(&new).await;
                let token = self.register("moved").await;
                self.post("/auth/activation", &json!({ "token": token, "password": PASSWORD }))
                    .await;
                vec![(name, current)]
            }
            "[agreed]" => {
                confirm(&new).await;
                vec![(name, new)]
            }
            "[cancelled]" => {
                self.post("/auth/email/cancel", &json!({ "token": new })).await;
                vec![(name, current)]
            }
            "[replaced]" => {
                self.ask_for(&bearer, "elsewhere").await;
                vec![(name, new)]
            }
            _ => vec![("[agree-current]", current), ("[agree-new]", new)],
        }
    }

    fn email(&self, who: &str) -> String {
        format!("{who}-{}@x.test", self.number)
    }

    /// Registers somebody and gives the token of the mail.
    async fn register(&self, who: &str) -> String {
        let body = json!({ "email": self.email(who), "password": PASSWORD });
        self.post("/auth/registration", &body).await;
        self.mailed(who).await
    }

    /// The token in the last mail, once all are sent.
    async fn mailed(&self, who: &str) -> String {
        while self.stage.users().users().deliver_mail().await.unwrap() {}
        self.stage.mailbox.token(&self.email(who)).unwrap()
    }

    async fn log_in(&self, who: &str, transport: &str) -> Response<Bytes> {
        let email = self.email(who);
        let body = json!({ "identifier": email, "password": PASSWORD, "transport": transport });
        self.post("/auth/login", &body).await
    }

    /// The identifier of the session that has this token.
    async fn own_session(&self, bearer: &str) -> String {
        let answer = self.call(Method::GET, Some(bearer), "/account/sessions", "").await;
        let sessions: Value = serde_json::from_slice(answer.body()).unwrap();
        let sessions = sessions["sessions"].as_array().unwrap();
        let own = sessions.iter().find(|session| session["current"] == true);
        own.unwrap()["id"].as_str().unwrap().to_owned()
    }

    async fn post(&self, path: &str, body: &Value) -> Response<Bytes> {
        self.call(Method::POST, None, path, &body.to_string()).await
    }

    async fn post_as(&self, bearer: &str, path: &str, body: &Value) {
        self.call(Method::POST, Some(bearer), path, &body.to_string()).await;
    }

    async fn call(
        &self,
        method: Method,
        bearer: Option<&str>,
        path: &str,
        body: &str,
    ) -> Response<Bytes> {
        let mut request = http::Request::builder()
            .method(method)
            .uri(path)
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(bearer) = bearer {
            request = request.header(header::AUTHORIZATION, format!("Bearer {bearer}"));
        }
        let mut request = request.body(Bytes::copy_from_slice(body.as_bytes())).unwrap();
        // Nobody of the table comes from there.
        let [.., high, middle, low] = self.number.to_be_bytes();
        request.extensions_mut().insert(ClientAddress([11, high, middle, low].into()));
        let response = self.stage.users().call(request).await;
        assert!(response.status().is_success(), "{path}: {response:?}");
        response
    }
}

/// What somebody signs in with, under other names.
fn renamed(values: Values, names: [&'static str; 3]) -> Values {
    let own = ["[bearer]", "[cookie]", "[csrf]"];
    let renamed = own.into_iter().zip(names);
    renamed.map(|(own, name)| (name, value_of(values.clone(), own))).collect()
}

fn bearer_of(values: Values) -> String {
    value_of(values, "[bearer]")
}

fn value_of(values: Values, name: &str) -> String {
    values.into_iter().find(|(own, _)| *own == name).unwrap().1
}

/// A text in the body of an answer.
fn text(answer: &Response<Bytes>, pointer: &str) -> String {
    let body: Value = serde_json::from_slice(answer.body()).unwrap();
    body.pointer(pointer).and_then(Value::as_str).unwrap().to_owned()
}
