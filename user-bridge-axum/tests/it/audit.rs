//! What every flow leaves in the audit, and what it leaves nowhere: AUD-01.

use std::{net::IpAddr, sync::Arc};

use dullahan_core::{Before, Context, Listener, Result};
use dullahan_user::{
    domain::{AuditEntry, Role, SessionTransport, Token, UserId},
    port::{Clock as _, UserRoleManager as _, UserSessionManager as _},
    presentation::event::transport::RecordAudit,
};
use parking_lot::Mutex;
use serde_json::json;

use crate::support::{
    ALICE, Answer, App, HOUR, MINUTE, Plan, Send as _, client::CookieSession, log,
    on_both_databases,
};

on_both_databases!(
    aud_01_every_flow_leaves_an_entry_and_no_secret,
    aud_01_a_change_of_roles_says_who_whose_and_which,
);

const NEW: &str = "alice@new.test";
/// Passwords that are nowhere else, the wrong ones among them.
const FIRST: &str = "first-canary marmalade trombone";
const SECOND: &str = "second-canary velvet ostrich";
const THIRD: &str = "third-canary gravel saxophone";
const WRONG: &str = "wrong-canary pebble clarinet";
const WEAK: &str = "weak-canary";

#[derive(Clone, Default)]
struct Entries(Arc<Mutex<Vec<AuditEntry>>>);

impl Listener<Before<'_, RecordAudit>> for Entries {
    async fn call(&self, ev: Before<'_, RecordAudit>) -> Result<()> {
        self.0.lock().push(ev.entry.clone());
        Ok(())
    }
}

/// An application whose every entry and every secret is kept.
struct Audited {
    app: App,
    entries: Entries,
    secrets: Vec<String>,
    bodies: Vec<String>,
    user_id: Option<UserId>,
    /// Whose account the next request is after, if it fails.
    after: Option<UserId>,
}

impl Audited {
    async fn start(plan: Plan) -> Self {
        let entries = Entries::default();
        let listener = entries.clone();
        let plan = plan.with(|core| {
            core.event::<RecordAudit>().before(0, listener);
        });
        let secrets = [FIRST, SECOND, THIRD, WRONG, WEAK].map(str::to_owned).to_vec();
        Self {
            app: plan.start().await,
            entries,
            secrets,
            bodies: Vec::new(),
            user_id: None,
            after: None,
        }
    }

    /// Asserts that a request has left one entry, for the audit and in the log.
    async fn expect(
        &mut self,
        request: reqwest::RequestBuilder,
        status: u16,
        action: &'static str,
        outcome: &str,
        is_by_alice: bool,
    ) -> Answer {
        let at = self.app.clock.now();
        let answer = request.answer().await.expect(status);
        let [entry] = self.entries.0.lock().drain(..).collect::<Vec<_>>().try_into().unwrap();
        if self.user_id.is_none() && is_by_alice {
            self.user_id = entry.user_id;
        }
        let expected = AuditEntry {
            at,
            action,
            user_id: self.user_id.filter(|_| is_by_alice),
            about: self.after.take(),
            role: None,
            address: Some(IpAddr::from([127, 0, 0, 1])),
            outcome: outcome.to_owned(),
        };
        assert!(entry == expected, "{action}: {entry:?} instead of {expected:?}");
        assert!(!is_by_alice || entry.user_id.is_some(), "{action}");
        if let Some(user_id) = entry.user_id {
            let user_id = format!("user_id={user_id}");
            let action = format!("action=\"{action}\"");
            let outcome = format!("outcome=\"{outcome}\"");
            let texts = ["dullahan::audit", &user_id, &action, &outcome, "address=127.0.0.1"];
            let line = log::last_line_with_all(&texts).unwrap_or_else(|| panic!("{texts:?}"));
            assert!(line.contains("INFO") && line.contains("at=\"2026-01-01T"), "{line}");
        }
        // What opens a session tells its token; nothing else tells any.
        if let Some(token) = answer.json_or_null()["access_token"].as_str() {
            self.secrets.push(token.to_owned());
        } else if answer.headers.contains_key("set-cookie") {
            for cookie in answer.headers.get_all("set-cookie") {
                let cookie = cookie.to_str().unwrap().split(';').next().unwrap();
                self.secrets.push(cookie.split_once('=').unwrap().1.to_owned());
            }
            if let Some(csrf) = answer.json_or_null()["csrf_token"].as_str() {
                self.secrets.push(csrf.to_owned());
            }
        } else {
            self.bodies.push(answer.body.clone());
        }
        answer
    }

    async fn mail(&mut self, email: &str) -> String {
        self.app.deliver_mails().await;
        let token = self.app.mailer.token(email);
        self.secrets.push(token.clone());
        token
    }
}

async fn aud_01_every_flow_leaves_an_entry_and_no_secret(plan: Plan) {
    let mut it = Audited::start(plan).await;
    let client = it.app.client.clone();
    it.expect(client.register_with(ALICE, WEAK), 422, "register", "invalid", false).await;
    it.expect(client.register_with(ALICE, FIRST), 202, "register", "success", false).await;
    it.expect(client.resend(ALICE), 202, "resend_activation", "success", false).await;
    let token = it.mail(ALICE).await;
    let guess = "B".repeat(43);
    it.expect(client.activate(&guess), 422, "activate", "token_invalid", false).await;
    it.expect(client.activate_with(&token, FIRST), 204, "activate", "success", true).await;
    it.expect(client.register_with(ALICE, SECOND), 202, "register", "success", false).await;

    let failed = "invalid_credentials";
    it.after = it.user_id;
    it.expect(client.log_in(ALICE, WRONG), 401, "log_in", failed, false).await;
    it.expect(client.log_in("nobody@x.test", WRONG), 401, "log_in", failed, false).await;
    let answer = it.expect(client.log_in(ALICE, FIRST), 200, "log_in", "success", true).await;
    let bearer = answer.text("/access_token");
    let by_cookie = client.log_in_by("cookie", ALICE, FIRST);
    let answer = it.expect(by_cookie, 200, "log_in", "success", true).await;
    let session = CookieSession::of(&answer);

    let changes = json!({ "display_name": "Alice" });
    let update = client.update_account(&changes).on_own_page(&session);
    it.expect(update, 200, "update_account", "success", true).await;
    let export = client.get("/account/export").bearer_auth(&bearer);
    it.expect(export, 200, "export_account", "success", true).await;
    let again = client.reauthenticate(WRONG).bearer_auth(&bearer);
    it.expect(again, 422, "reauthenticate", "invalid", true).await;
    let again = client.reauthenticate(FIRST).bearer_auth(&bearer);
    let answer = it.expect(again, 200, "reauthenticate", "success", true).await;
    let bearer = answer.text("/access_token");
    let unknown = client.revoke("01890000-0000-7000-8000-000000000000").bearer_auth(&bearer);
    it.expect(unknown, 404, "revoke_session", "not_found", true).await;
    let others = client.revoke_others().bearer_auth(&bearer);
    it.expect(others, 204, "revoke_other_sessions", "success", true).await;

    it.app.clock.advance(20 * MINUTE);
    let stale = "reauthentication_required";
    let change = || client.change_password(FIRST, SECOND).bearer_auth(&bearer);
    it.expect(change(), 401, "change_password", stale, true).await;
    let ask = |bearer: &str| client.change_email(NEW).bearer_auth(bearer);
    it.expect(ask(&bearer), 401, "request_email_change", stale, true).await;
    let remove = |bearer: &str| client.remove_account_with(THIRD).bearer_auth(bearer);
    it.expect(remove(&bearer), 401, "remove_account", stale, true).await;
    let again = client.reauthenticate(FIRST).bearer_auth(&bearer);
    let answer = it.expect(again, 200, "reauthenticate", "success", true).await;
    let bearer = answer.text("/access_token");
    let wrong = client.change_password(WRONG, SECOND).bearer_auth(&bearer);
    it.expect(wrong, 422, "change_password", "invalid", true).await;
    let change = client.change_password(FIRST, SECOND).bearer_auth(&bearer);
    let answer = it.expect(change, 200, "change_password", "success", true).await;
    let bearer = answer.text("/access_token");

    it.expect(ask(&bearer), 202, "request_email_change", "success", true).await;
    let stop = it.mail(NEW).await;
    it.expect(client.cancel_email(&stop), 204, "cancel_email_change", "success", true).await;
    let again = client.cancel_email(&stop);
    it.expect(again, 422, "cancel_email_change", "token_invalid", false).await;
    it.app.clock.advance(10 * MINUTE);
    it.expect(ask(&bearer), 202, "request_email_change", "success", true).await;
    let (current, new) = (it.mail(ALICE).await, it.mail(NEW).await);
    for token in [&current, &new] {
        let confirm = client.confirm_email(token);
        it.expect(confirm, 200, "confirm_email_change", "success", true).await;
    }
    let again = client.confirm_email(&new);
    it.expect(again, 422, "confirm_email_change", "token_invalid", false).await;

    it.expect(client.forgot(NEW), 202, "forgot_password", "success", false).await;
    let token = it.mail(NEW).await;
    it.expect(client.reset(&token, WEAK), 422, "reset_password", "invalid", false).await;
    it.expect(client.reset(&token, THIRD), 204, "reset_password", "success", true).await;
    let again = client.reset(&token, THIRD);
    it.expect(again, 422, "reset_password", "token_invalid", false).await;

    for _ in 0..5 {
        it.after = it.user_id;
        it.expect(client.log_in(NEW, WRONG), 401, "log_in", failed, false).await;
    }
    it.expect(client.log_in(NEW, THIRD), 429, "log_in", "too_many_requests", false).await;
    it.app.clock.advance(HOUR);
    let answer = it.expect(client.log_in(NEW, THIRD), 200, "log_in", "success", true).await;
    let log_out = client.log_out().bearer_auth(answer.text("/access_token"));
    it.expect(log_out, 204, "log_out", "success", true).await;
    let answer = it.expect(client.log_in(NEW, THIRD), 200, "log_in", "success", true).await;
    let remove = remove(&answer.text("/access_token"));
    it.expect(remove, 204, "remove_account", "success", true).await;
    expect_no_secret(&it).await;
}

async fn expect_no_secret(it: &Audited) {
    let dump = it.app.database.dump().await;
    assert!(it.secrets.len() > 15);
    for secret in &it.secrets {
        assert!(!log::holds(secret), "the log has {secret}: {:?}", log::last_line_with(secret));
        assert!(!dump.contains(secret), "the database has {secret}");
        assert!(!it.bodies.iter().any(|body| body.contains(secret)), "an answer has {secret}");
    }
    // Who only reads leaves no entry.
    it.app.client.get("/account").answer().await.expect(401);
    assert!(it.entries.0.lock().is_empty());
}

async fn aud_01_a_change_of_roles_says_who_whose_and_which(plan: Plan) {
    let entries = Entries::default();
    let listener = entries.clone();
    let plan = plan.with(|core| {
        core.event::<RecordAudit>().before(0, listener);
    });
    let app = plan.start_with_alice().await;
    let bearer = app.client.bearer(ALICE).await;
    let users = app.users.users();
    let of_alice = Context::new();
    let (token, transport) = (bearer.parse::<Token>().unwrap(), SessionTransport::Bearer);
    let alice = users.resolve(&of_alice, token.digest(), transport).await.unwrap().unwrap().user.id;
    let (of_a_job, nobody) = (Context::new(), UserId::new());
    entries.0.lock().clear();
    let editor = Role::from_static("editor");
    users.grant_role(&of_alice, alice, editor.clone()).await.unwrap();
    users.revoke_role(&of_a_job, alice, editor.clone()).await.unwrap();
    users.grant_role(&of_alice, nobody, editor.clone()).await.unwrap_err();
    let entry = |action, user_id, about, outcome: &str| AuditEntry {
        at: app.clock.now(),
        action,
        user_id,
        about: Some(about),
        role: Some(editor.clone()),
        address: None,
        outcome: outcome.to_owned(),
    };
    let expected = [
        entry("grant_role", Some(alice), alice, "success"),
        entry("revoke_role", None, alice, "success"),
        entry("grant_role", Some(alice), nobody, "not_found"),
    ];
    let seen = std::mem::take(&mut *entries.0.lock());
    assert!(seen == expected, "{seen:?} instead of {expected:?}");
    let (user_id, about) = (format!("user_id={alice}"), format!("about={nobody}"));
    let texts = ["action=\"grant_role\"", &user_id, &about, "role=\"editor\""];
    assert!(log::last_line_with_all(&texts).is_some(), "{texts:?}");
}
