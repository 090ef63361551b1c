//! Every flow over HTTP, each tried once while an event goes wrong, and once more when it does not.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use dullahan_core::Context;
use dullahan_user::{
    domain::Role,
    infrastructure::{Argon2Hasher, Argon2Settings},
    port::{PasswordHasher as _, UserRepository, UserRoleManager as _},
};
use http::Method;
use reqwest::RequestBuilder;
use serde_json::json;

use super::{
    ALICE, Answer, App, DAY, MINUTE, OTHER_PASSWORD, PASSWORD, Plan, Send as _, WRONG,
    client::{Client, CookieSession},
    sabotage::{How, Place, Plot, SECRET, Saboteur},
};

/// The address that Alice changes to.
const NEW: &str = "alice@new.test";

/// Every flow over HTTP, each tried once while an event goes wrong, and once more when it does not.
pub(crate) struct Course {
    app: App,
    saboteur: Arc<Saboteur>,
    /// A hash that asks to be renewed.
    old_hash: String,
    /// Nothing goes wrong on the first run, which only finds out what each step leads to.
    plot: Option<Plot>,
    reached: BTreeMap<&'static str, BTreeSet<&'static str>>,
    /// How many requests were answered with a failure.
    failures: usize,
}

/// A step of a flow.
#[derive(Clone, Copy)]
struct Step {
    name: &'static str,
    /// What it is answered with.
    success: u16,
    /// What it is answered with once its work has been done already, and nobody was told.
    again: u16,
}

const fn step(name: &'static str, success: u16, again: u16) -> Step {
    Step { name, success, again }
}

/// No request, but undone like one.
const CHANGE_ROLES: Step = step("change roles", 200, 200);

impl Course {
    /// Drives every flow once for each event of the module, which goes wrong there in this way.
    pub(crate) async fn run_for_every_event(plan: Plan, place: Place, how: How) {
        let saboteur = Arc::new(Saboteur::default());
        let registered = Arc::clone(&saboteur);
        let plan = plan.set(|settings| settings.removal_grace = DAY);
        let app = plan.with(move |core| registered.register(core)).start().await;
        let other = Argon2Settings::insecure_for_tests().with_memory_kib(16);
        let old_hash = Argon2Hasher::new(other).unwrap().hash(&PASSWORD.parse().unwrap()).await;
        let old_hash = old_hash.unwrap().as_phc().to_owned();
        let events: Vec<_> = app.core.describe().events.iter().map(|event| event.name).collect();
        let reached = BTreeMap::new();
        let mut course = Self { app, saboteur, old_hash, plot: None, reached, failures: 0 };
        course.run().await;
        for event in events {
            course.plot = Some(Plot { event, place, how });
            let hits = course.saboteur.hits();
            course.failures = 0;
            course.run().await;
            assert!(course.saboteur.hits() > hits, "{event} is never reached");
            assert_eq!(course.failures > 0, course.is_seen_by_a_client(), "{:?}", course.plot);
        }
    }

    /// Whether a request is answered with a failure where the event goes wrong.
    fn is_seen_by_a_client(&self) -> bool {
        let of_jobs = [
            "AdmitMailProcess",
            "AnswerMailRequestProcess",
            "ClaimMailProcess",
            "ComposeMail",
            "DeliverMailSaga",
            "DropSurplusPendingUsers",
            "GrantRoleProcess",
            "GrantRoleSaga",
            "MintTokenProcess",
            "PurgeProcess",
            "PurgeSaga",
            "RemoveClosedUserProcess",
            "RemoveUserProcess",
            "RevokeRoleProcess",
            "RevokeRoleSaga",
            "SendMail",
            "SettleMailProcess",
        ];
        self.plot.is_some_and(|plot| !of_jobs.contains(&plot.event)) && !self.is_harmless()
    }

    /// Whether nothing fails where the event goes wrong.
    fn is_harmless(&self) -> bool {
        self.plot.is_some_and(|plot| {
            plot.place == Place::Observe
                || ["GiveBackAttemptProcess", "RecordAudit", "TouchSessionProcess"]
                    .contains(&plot.event)
        })
    }

    async fn run(&mut self) {
        let client = self.app.client.clone();
        self.become_a_user(&client).await;
        let (mut bearer, session) = self.sign_in(&client).await;

        self.app.clock.advance(MINUTE);
        let account = |bearer: &str| client.account_of_bearer(bearer);
        self.attempt(step("account after a while", 200, 200), || account(&bearer)).await;
        self.attempt(step("account by cookie", 200, 200), || client.account_of_cookie(&session))
            .await;
        let csrf = || client.get("/auth/csrf").header("cookie", &session.cookie);
        self.attempt(step("csrf", 200, 200), csrf).await;
        let changes = json!({ "display_name": "Alice", "locale": "de" });
        let update = || client.update_account(&changes).on_own_page(&session);
        self.attempt(step("update", 200, 200), update).await;
        let sessions = || client.get("/account/sessions").bearer_auth(&bearer);
        self.attempt(step("list sessions", 200, 200), sessions).await;
        let export = || client.get("/account/export").bearer_auth(&bearer);
        self.attempt(step("export", 200, 200), export).await;

        let third = client.log_in(ALICE, PASSWORD).answer().await.expect(200);
        let listed = client.get("/account/sessions").bearer_auth(third.text("/access_token"));
        let listed = listed.answer().await.expect(200).json();
        let current = listed["sessions"].as_array().unwrap().iter();
        let current = current.clone().find(|session| session["current"] == true).unwrap();
        let id = current["id"].as_str().unwrap();
        self.attempt(step("revoke", 204, 404), || client.revoke(id).bearer_auth(&bearer)).await;
        let revoke_others = || client.revoke_others().bearer_auth(&bearer);
        let session = CookieSession::of(&client.cookie_answer(ALICE, PASSWORD).await);
        self.attempt(step("log out", 204, 204), || client.log_out().on_own_page(&session)).await;
        self.attempt(step("revoke others", 204, 204), revoke_others).await;

        let again = || client.reauthenticate(PASSWORD).bearer_auth(&bearer);
        let answer = self.attempt(step("reauthenticate", 200, 401), again).await;
        bearer = token_or_new(&client, answer, ALICE, PASSWORD).await;
        let change = || client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&bearer);
        let answer = self.attempt(step("change password", 200, 401), change).await;
        bearer = token_or_new(&client, answer, ALICE, OTHER_PASSWORD).await;
        self.change_address(&client, &bearer).await;
        self.change_roles().await;

        self.attempt(step("forgot", 202, 202), || client.forgot(NEW)).await;
        self.app.deliver_mails().await;
        let token = self.app.mailer.token(NEW);
        self.attempt(step("reset", 204, 422), || client.reset(&token, PASSWORD)).await;
        bearer = client.bearer(NEW).await;
        let remove = || client.remove_account().bearer_auth(&bearer);
        self.attempt(step("remove", 204, 401), remove).await;
        let come_back = || client.log_in(NEW, PASSWORD);
        let answer = self.attempt(step("log in and come back", 200, 200), come_back).await;
        bearer = token_or_new(&client, answer, NEW, PASSWORD).await;
        client.remove_account().bearer_auth(&bearer).answer().await.expect(204);
        self.purge().await;
        for table in [
            "dullahan_users",
            "dullahan_attempts",
            "dullahan_mail_requests",
            // The last mail outlives its account.
            "dullahan_owed_mails",
        ] {
            self.app.database.execute(&format!("DELETE FROM {table}")).await;
        }
    }

    async fn become_a_user(&mut self, client: &Client) {
        self.attempt(step("register", 202, 202), || client.register(ALICE)).await;
        self.attempt(step("resend", 202, 202), || client.resend(ALICE)).await;
        self.deliver().await;
        let token = self.app.mailer.token(ALICE);
        // Another one is pending with the address then.
        self.attempt(step("register again", 202, 202), || client.register(ALICE)).await;
        self.attempt(step("activate", 204, 204), || client.activate(&token)).await;
    }

    async fn sign_in(&mut self, client: &Client) -> (String, CookieSession) {
        let renew = format!("UPDATE dullahan_users SET password_hash = '{}'", self.old_hash);
        self.app.database.execute(&renew).await;
        self.be_turned_away(client).await;
        let log_in = |transport| client.log_in_by(transport, ALICE, PASSWORD);
        self.attempt(step("guess", 401, 401), || client.log_in(ALICE, WRONG)).await;
        let bearer = self.attempt(step("log in", 200, 200), || log_in("bearer")).await;
        let cookie = self.attempt(step("log in by cookie", 200, 200), || log_in("cookie")).await;
        (bearer.text("/access_token"), CookieSession::of(&cookie))
    }

    /// Asks for what the hasher has no place for, while the event goes wrong where that is all it does.
    async fn be_turned_away(&mut self, client: &Client) {
        let is_its = |plot: &Plot| plot.event == "GiveBackAttemptProcess";
        self.app.hasher.turn_away(true);
        self.saboteur.set(self.plot.filter(is_its));
        client.log_in(ALICE, PASSWORD).answer().await.internal_problem(503, "busy");
        self.saboteur.set(None);
        self.app.hasher.turn_away(false);
    }

    async fn change_address(&mut self, client: &Client, bearer: &str) {
        let ask = || client.change_email(NEW).bearer_auth(bearer);
        self.attempt(step("ask for an address", 202, 202), ask).await;
        self.app.deliver_mails().await;
        // The present mailbox would end the session.
        let token = self.app.mailer.token(NEW);
        self.attempt(step("cancel", 204, 422), || client.cancel_email(&token)).await;

        // So that no mail waits for the one before.
        self.app.clock.advance(5 * MINUTE);
        client.change_email(NEW).bearer_auth(bearer).answer().await.expect(202);
        self.app.deliver_mails().await;
        let (old, new) = (self.app.mailer.token(ALICE), self.app.mailer.token(NEW));
        self.attempt(step("confirm", 200, 422), || client.confirm_email(&old)).await;
        self.attempt(step("confirm too", 200, 422), || client.confirm_email(&new)).await;
    }

    /// Sends the mails that are owed, once while the event goes wrong.
    async fn deliver(&mut self) {
        self.saboteur.take_seen();
        self.saboteur.set(self.plot);
        let failed = self.app.users.users().deliver_mail().await.is_err();
        self.saboteur.set(None);
        let of_the_queue = [
            "AnswerMailRequestProcess",
            "ClaimMailProcess",
            "DeliverMailSaga",
            "DropSurplusPendingUsers",
            "OweMail",
            "SettleMailProcess",
        ];
        let fails = self.plot.is_some_and(|plot| of_the_queue.contains(&plot.event));
        assert_eq!(failed, fails && !self.is_harmless(), "{:?}", self.plot);
        // Past the lease of a worker that died, and past the pause after a failure.
        self.app.clock.advance(2 * MINUTE);
        self.app.deliver_mails().await;
    }

    /// Gives the user a role and takes it again, each once while the event goes wrong: no route leads there.
    async fn change_roles(&mut self) {
        let users = self.app.users.users().clone();
        let alice = NEW.parse().unwrap();
        let store = self.app.core.services().get::<dyn UserRepository>().unwrap();
        let found = store.find_credentials(&Context::new(), &alice).await.unwrap().unwrap();
        let (id, context) = (found.user.id, Context::new());
        for is_granted in [true, false] {
            let change = async || match is_granted {
                true => users.grant_role(&context, id, Role::ADMIN).await,
                false => users.revoke_role(&context, id, Role::ADMIN).await,
            };
            self.saboteur.set(self.plot);
            let failed = change().await.is_err();
            self.saboteur.set(None);
            let events = if is_granted {
                ["GrantRoleSaga", "GrantRoleProcess"]
            } else {
                ["RevokeRoleSaga", "RevokeRoleProcess"]
            };
            let fails = self.plot.is_some_and(|plot| events.contains(&plot.event));
            assert_eq!(failed, fails && !self.is_harmless(), "{:?}", self.plot);
            let rows = i64::from(is_granted);
            let is_undone = failed && self.plot.is_some_and(|plot| is_undone(plot, CHANGE_ROLES));
            let before = if is_undone { 1 - rows } else { rows };
            assert_eq!(self.app.database.count("dullahan_user_roles").await, before);
            assert_eq!(change().await.unwrap(), is_undone, "{:?}", self.plot);
            assert_eq!(self.app.database.count("dullahan_user_roles").await, rows);
            if is_granted {
                self.use_role().await;
            }
        }
    }

    /// Asks for what only an admin gets, on a route of the application's own.
    async fn use_role(&mut self) {
        let client = self.app.client.clone();
        let bearer = client.log_in(NEW, OTHER_PASSWORD).answer().await.expect(200);
        let bearer = bearer.text("/access_token");
        let desk = || client.to_application(Method::GET, "/desk").bearer_auth(&bearer);
        self.attempt(step("use a role", 200, 200), desk).await;
    }

    async fn purge(&mut self) {
        self.app.clock.advance(DAY * 40);
        self.saboteur.set(self.plot);
        let failed = self.app.users.users().purge().await.is_err();
        self.saboteur.set(None);
        // An account that was closed long enough is removed, too.
        let of_the_purge = [
            "ForgetAttemptsProcess",
            "OweMail",
            "PurgeProcess",
            "PurgeSaga",
            "RemoveClosedUserProcess",
            "RemoveUserProcess",
            "RevokeSessionsProcess",
        ];
        let fails = self.plot.is_some_and(|plot| of_the_purge.contains(&plot.event));
        assert_eq!(failed, fails && !self.is_harmless(), "{:?}", self.plot);
        self.app.users.users().purge().await.unwrap();
        assert_eq!(self.app.database.count("dullahan_attempts").await, 0);
    }

    /// Sends a request while the event goes wrong. If that is answered with a failure, the failure says nothing,
    /// has changed nothing, and the next request is served.
    async fn attempt(&mut self, step: Step, request: impl Fn() -> RequestBuilder) -> Answer {
        let Some(plot) = self.plot else {
            self.saboteur.take_seen();
            let answer = request().answer().await.expect(step.success);
            self.reached.insert(step.name, self.saboteur.take_seen());
            return answer;
        };
        if !self.reached[step.name].contains(plot.event) {
            return request().answer().await.expect(step.success);
        }
        let before = self.rows_of(step).await;
        let hits = self.saboteur.hits();
        self.saboteur.set(self.plot);
        let answer = request().answer().await;
        self.saboteur.set(None);
        if answer.status < 500 {
            // What comes after a default does not come after one that refuses.
            let is_hit = self.saboteur.hits() > hits;
            assert!(self.is_harmless() || !is_hit, "{plot:?} at {}: {answer:?}", step.name);
            return answer.expect(step.success);
        }
        self.failures += 1;
        let code = if plot.how == How::Prevent { "step_unhandled" } else { "internal" };
        let line = answer.internal_problem(500, code);
        let cause = if plot.how == How::Prevent { plot.event } else { SECRET };
        assert!(line.contains(cause), "{plot:?} at {}: {line}", step.name);
        assert!(!answer.headers.contains_key("set-cookie"), "{plot:?} at {}", step.name);
        let is_undone = is_undone(plot, step);
        if is_undone {
            assert_eq!(self.rows_of(step).await, before, "{plot:?} at {}", step.name);
        }
        request().answer().await.expect(if is_undone { step.success } else { step.again })
    }

    /// The rows that a step may change, one that fails not. Tries count, whatever comes of them; that a session
    /// was used and a hash renewed is written down by itself.
    async fn rows_of(&self, step: Step) -> Vec<String> {
        let dump = self.app.database.dump_without_attempts().await;
        let is_its = |line: &&str| match step.name {
            "log in" | "log in by cookie" | "log in and come back" => {
                line.starts_with("dullahan_sessions")
            }
            "account after a while" | "account by cookie" => !line.starts_with("dullahan_sessions"),
            _ => true,
        };
        dump.lines().filter(is_its).map(str::to_owned).collect()
    }
}

/// Whether what a step has done is undone when the event goes wrong: all that is done inside of a process is; what
/// comes after it is too late, unless it is taken back.
fn is_undone(plot: Plot, step: Step) -> bool {
    if step.name.starts_with("log in") {
        return true;
    }
    let is_too_late = match plot.event {
        "SerializeUser" => ["update", "reauthenticate", "change password"].contains(&step.name),
        event => event.ends_with("Saga") && plot.place != Place::Before,
    };
    !is_too_late
}

/// The token of the answer, or of a new login where nobody was told it.
async fn token_or_new(client: &Client, answer: Answer, email: &str, password: &str) -> String {
    if answer.status == 200 {
        return answer.text("/access_token");
    }
    let answer = client.log_in(email, password).answer().await;
    answer.expect(200).text("/access_token")
}
