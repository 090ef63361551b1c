//! What every flow leaves in the audit, and what it leaves nowhere: AUD-01.

mod refusals;

use std::{net::IpAddr, sync::Arc};

use dullahan_core::{Before, Context, CoreBuilder, Listener, Result};
use dullahan_user::{
    domain::{AuditEntry, AuditKey, AuditOutcome, Device, Role, SessionTransport, Token, UserId},
    port::{Clock as _, UserRoleManager as _, UserSessionManager as _},
    presentation::event::transport::RecordAudit,
};
use parking_lot::Mutex;
use reqwest::RequestBuilder;
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

/// What the clients of these tests call themselves, and their requests.
const AGENT: &str = "audited/1.0 (test)";
const REQUEST: &str = "0af7651916cd43dd8448eb211c80319c";

#[derive(Clone, Default)]
struct Entries(Arc<Mutex<Vec<AuditEntry>>>);

impl Listener<Before<'_, RecordAudit>> for Entries {
    async fn call(&self, ev: Before<'_, RecordAudit>) -> Result<()> {
        self.0.lock().push(ev.entry.clone());
        Ok(())
    }
}

/// What an entry is to say.
#[derive(Clone, Copy)]
struct Left {
    action: &'static str,
    /// `success`, or the code of a failure.
    outcome: &'static str,
    is_by_alice: bool,
    is_about_alice: bool,
    account: Option<&'static str>,
    has_session: bool,
}

fn left(action: &'static str, outcome: &'static str) -> Left {
    Left {
        action,
        outcome,
        is_by_alice: false,
        is_about_alice: false,
        account: None,
        has_session: false,
    }
}

impl Left {
    fn by_alice(self) -> Self {
        Self { is_by_alice: true, ..self }
    }

    fn about_alice(self) -> Self {
        Self { is_about_alice: true, ..self }
    }

    fn account(self, email: &'static str) -> Self {
        Self { account: Some(email), ..self }
    }

    fn session(self) -> Self {
        Self { has_session: true, ..self }
    }

    fn outcome(self) -> AuditOutcome {
        match self.outcome {
            "success" => AuditOutcome::Success,
            code => AuditOutcome::Failure { code: code.to_owned() },
        }
    }
}

/// An application whose every entry and every secret is kept.
struct Audited {
    app: App,
    entries: Entries,
    secrets: Vec<String>,
    bodies: Vec<String>,
    alice: Option<UserId>,
    key: AuditKey,
}

impl Audited {
    async fn start(plan: Plan) -> Self {
        Self::start_with(plan, |_| {}).await
    }

    async fn start_with(plan: Plan, extend: impl FnOnce(&mut CoreBuilder) + 'static) -> Self {
        let entries = Entries::default();
        let listener = entries.clone();
        let key = AuditKey::from_bytes([9; AuditKey::BYTES]);
        let plan = plan.set(|settings| settings.audit_key = Some(key.clone()));
        let plan = plan.with(|core| {
            core.event::<RecordAudit>().before(listener);
            extend(core);
        });
        let secrets = [FIRST, SECOND, THIRD, WRONG, WEAK].map(str::to_owned).to_vec();
        let (app, bodies, alice) = (plan.start().await, Vec::new(), None);
        Self { app, entries, secrets, bodies, alice, key }
    }

    /// Asserts that a request has left one entry, for the audit and in the log.
    async fn expect(&mut self, request: RequestBuilder, status: u16, left: Left) -> Answer {
        let at = self.app.clock.now();
        let request = request.header("user-agent", AGENT).header("x-request-id", REQUEST);
        let answer = request.answer().await.expect(status);
        let entry = self.take_one();
        let action = left.action;
        if left.is_by_alice {
            self.alice = self.alice.or(entry.user_id);
        }
        let expected = AuditEntry {
            at,
            action,
            user_id: self.alice.filter(|_| left.is_by_alice),
            about: self.alice.filter(|_| left.is_about_alice),
            account: left.account.map(|email| self.key.digest(email)),
            session_id: entry.session_id.filter(|_| left.has_session),
            role: None,
            device: Device::new(Some(AGENT), Some(IpAddr::from([127, 0, 0, 1]))),
            request_id: REQUEST.parse().ok(),
            outcome: left.outcome(),
        };
        assert!(entry == expected, "{action}: {entry:?} instead of {expected:?}");
        assert!(!left.is_by_alice || entry.user_id.is_some(), "{action}");
        assert_eq!(left.has_session, entry.session_id.is_some(), "{action}");
        if let Some(user_id) = entry.user_id {
            let outcome = match entry.outcome.code() {
                Some(code) => format!("outcome=\"failure\" code=\"{code}\""),
                None => "outcome=\"success\"".to_owned(),
            };
            let texts = [
                "dullahan::audit",
                &format!("user_id={user_id}"),
                &format!("action=\"{action}\""),
                &outcome,
                "address=127.0.0.1",
                &format!("user_agent=\"{AGENT}\""),
                &format!("request_id=\"{REQUEST}\""),
            ];
            let line = log::last_line_with_all(&texts).unwrap_or_else(|| panic!("{texts:?}"));
            assert!(line.contains("INFO") && line.contains("at=\"2026-01-01T"), "{line}");
        }
        self.keep(&answer);
        answer
    }

    /// The one entry that was left since the last time.
    fn take_one(&self) -> AuditEntry {
        let [entry] = self.entries.0.lock().drain(..).collect::<Vec<_>>().try_into().unwrap();
        entry
    }

    /// What opens a session tells its token; nothing else tells any.
    fn keep(&mut self, answer: &Answer) {
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
    let success = |action| left(action, "success").by_alice();
    let register = |outcome| left("register", outcome).account(ALICE);
    it.expect(client.register_with(ALICE, WEAK), 422, register("too_short")).await;
    it.expect(client.register_with(ALICE, FIRST), 202, register("success")).await;
    let resent = left("resend_activation", "success").account(ALICE);
    it.expect(client.resend(ALICE), 202, resent).await;
    let token = it.mail(ALICE).await;
    let guess = "B".repeat(43);
    it.expect(client.activate(&guess), 422, left("activate", "token_invalid")).await;
    it.expect(client.activate_with(&token, FIRST), 204, success("activate")).await;
    it.expect(client.register_with(ALICE, SECOND), 202, register("success")).await;

    let wrong = left("log_in", "invalid_credentials");
    let of_alice = wrong.account(ALICE).about_alice();
    it.expect(client.log_in(ALICE, WRONG), 401, of_alice).await;
    it.expect(client.log_in("nobody@x.test", WRONG), 401, wrong.account("nobody@x.test")).await;
    let log_in = success("log_in").account(ALICE).session();
    let answer = it.expect(client.log_in(ALICE, FIRST), 200, log_in).await;
    let bearer = answer.text("/access_token");
    let answer = it.expect(client.log_in_by("cookie", ALICE, FIRST), 200, log_in).await;
    let session = CookieSession::of(&answer);

    let changes = json!({ "display_name": "Alice" });
    let update = client.update_account(&changes).on_own_page(&session);
    it.expect(update, 200, success("update_account")).await;
    let export = client.get("/account/export").bearer_auth(&bearer);
    it.expect(export, 200, success("export_account")).await;
    let again = client.reauthenticate(WRONG).bearer_auth(&bearer);
    it.expect(again, 422, left("reauthenticate", "wrong_password").by_alice().session()).await;
    let again = client.reauthenticate(FIRST).bearer_auth(&bearer);
    let answer = it.expect(again, 200, success("reauthenticate").session()).await;
    let bearer = answer.text("/access_token");
    let unknown = client.revoke("01890000-0000-7000-8000-000000000000").bearer_auth(&bearer);
    it.expect(unknown, 404, left("revoke_session", "not_found").by_alice().session()).await;
    let others = client.revoke_others().bearer_auth(&bearer);
    it.expect(others, 204, success("revoke_other_sessions")).await;

    it.app.clock.advance(20 * MINUTE);
    let stale = |action| left(action, "reauthentication_required").by_alice();
    let change = |from, to| client.change_password(from, to).bearer_auth(&bearer);
    it.expect(change(FIRST, SECOND), 401, stale("change_password").session()).await;
    let ask = |bearer: &str| client.change_email(NEW).bearer_auth(bearer);
    it.expect(ask(&bearer), 401, stale("request_email_change")).await;
    let remove = |bearer: &str| client.remove_account_with(THIRD).bearer_auth(bearer);
    it.expect(remove(&bearer), 401, stale("remove_account")).await;
    let again = client.reauthenticate(FIRST).bearer_auth(&bearer);
    let answer = it.expect(again, 200, success("reauthenticate").session()).await;
    let bearer = answer.text("/access_token");
    let change = |from, to| client.change_password(from, to).bearer_auth(&bearer);
    let refused = |code| left("change_password", code).by_alice().session();
    it.expect(change(WRONG, SECOND), 422, refused("wrong_password")).await;
    it.expect(change(FIRST, WEAK), 422, refused("too_short")).await;
    let changed = change(FIRST, SECOND);
    let answer = it.expect(changed, 200, success("change_password").session()).await;
    let bearer = answer.text("/access_token");

    it.expect(ask(&bearer), 202, success("request_email_change")).await;
    let stop = it.mail(NEW).await;
    it.expect(client.cancel_email(&stop), 204, success("cancel_email_change")).await;
    let again = client.cancel_email(&stop);
    it.expect(again, 422, left("cancel_email_change", "token_invalid")).await;
    it.app.clock.advance(10 * MINUTE);
    it.expect(ask(&bearer), 202, success("request_email_change")).await;
    let (current, new) = (it.mail(ALICE).await, it.mail(NEW).await);
    for token in [&current, &new] {
        it.expect(client.confirm_email(token), 200, success("confirm_email_change")).await;
    }
    let again = client.confirm_email(&new);
    it.expect(again, 422, left("confirm_email_change", "token_invalid")).await;

    let forgot = left("forgot_password", "success").account(NEW);
    it.expect(client.forgot(NEW), 202, forgot).await;
    let token = it.mail(NEW).await;
    let weak = left("reset_password", "too_short").about_alice();
    it.expect(client.reset(&token, WEAK), 422, weak).await;
    it.expect(client.reset(&token, THIRD), 204, success("reset_password")).await;
    let again = client.reset(&token, THIRD);
    it.expect(again, 422, left("reset_password", "token_invalid")).await;

    let wrong = wrong.account(NEW).about_alice();
    for _ in 0..5 {
        it.expect(client.log_in(NEW, WRONG), 401, wrong).await;
    }
    let limited = left("log_in", "too_many_requests").account(NEW);
    it.expect(client.log_in(NEW, THIRD), 429, limited).await;
    it.app.clock.advance(HOUR);
    let log_in = success("log_in").account(NEW).session();
    let answer = it.expect(client.log_in(NEW, THIRD), 200, log_in).await;
    let log_out = client.log_out().bearer_auth(answer.text("/access_token"));
    it.expect(log_out, 204, success("log_out").session()).await;
    let answer = it.expect(client.log_in(NEW, THIRD), 200, log_in).await;
    let removed = remove(&answer.text("/access_token"));
    it.expect(removed, 204, success("remove_account")).await;
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
        core.event::<RecordAudit>().before(listener);
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
    let entry = |action, user_id, about, outcome| AuditEntry {
        at: app.clock.now(),
        action,
        user_id,
        about: Some(about),
        account: None,
        session_id: None,
        role: Some(editor.clone()),
        device: Device::default(),
        request_id: None,
        outcome: left(action, outcome).outcome(),
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
