//! Somebody to send a request for.

use super::{
    request::Request,
    scene::{Scene, Values},
    stage::Stage,
};

/// Somebody to send a request for: what the names in brackets in it stand for.
#[derive(Debug, Default)]
pub(super) struct Person {
    /// Of somebody who is signed in.
    own: Values,
    /// What has happened to others.
    extra: Values,
}

impl Person {
    /// Makes whoever a request needs, by calls of the function, unless somebody is left from the one before.
    pub(super) async fn for_request(
        stage: &Stage,
        left: Option<Self>,
        request: &Request,
        number: usize,
    ) -> Self {
        let scene = Scene::new(stage, number);
        let mut person = left.unwrap_or_default();
        if person.own.is_empty() {
            person.own = scene.signed_in("user").await;
        }
        for name in Scene::NAMES {
            if request.needs(name) && !person.extra.iter().any(|(made, _)| *made == name) {
                person.extra.extend(scene.make(name).await);
            }
        }
        person
    }

    /// Who is left after a request: nobody whose session, address or tokens may be others by now, and nobody
    /// whose tries were counted.
    pub(super) fn after(mut self, request: &Request, status: u16) -> Option<Self> {
        if matches!(request.method.as_str(), "GET" | "HEAD" | "OPTIONS") {
            return Some(self);
        }
        if (200..300).contains(&status) {
            self.extra.clear();
        }
        let is_harmless = match status {
            400 | 403 | 404 | 405 | 413 | 415 => true,
            // What proves who somebody is was wrong, or there was no session.
            401 => !request.is_for_anybody,
            // It ends the session that it was sent with.
            200 if request.target == "/auth/login" => false,
            _ => request.is_for_anybody || request.method == "PATCH",
        };
        (is_harmless && request.times == 1).then_some(self)
    }

    /// The request with what the names in brackets stand for.
    pub(super) fn fill_in(&self, request: &Request) -> Request {
        let mut request = request.clone();
        for (name, value) in self.own.iter().chain(&self.extra) {
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
