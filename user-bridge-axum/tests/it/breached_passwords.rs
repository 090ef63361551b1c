//! Breached passwords, looked up at somebody else's: PWD-06.

use std::sync::{
    Arc,
    atomic::{AtomicBool, AtomicU32, AtomicUsize, Ordering},
};

use dullahan_core::{BoxFuture, Error, Result};
use dullahan_user::{
    RefuseBreachedPasswords,
    domain::{LookupFailure, PasswordFingerprint},
    port::BreachedPasswords,
};
use parking_lot::Mutex;
use reqwest::RequestBuilder;
use tokio::sync::watch;

use super::passwords::{MARGARETHE, app_with_margarethe, expect_refused_everywhere};
use crate::support::{
    ALICE, App, OTHER_PASSWORD, PASSWORD, Plan, Send as _, log, on_both_databases,
};

on_both_databases!(
    pwd_06_a_breached_password_may_be_chosen_nowhere,
    pwd_06_nobody_is_asked_about_a_password_that_is_refused_anyway,
    pwd_06_a_breached_password_is_one_of_everything_that_is_wrong,
    pwd_06_where_the_look_up_is_down_a_password_passes_and_one_warning_is_logged,
    pwd_06_where_the_look_up_is_down_no_password_passes_if_that_is_wanted,
    pwd_06_no_unit_of_work_is_open_during_the_look_up,
);

/// One that is good but for being known to everybody.
const BREACHED: &str = "plinth ocarina dahlia quartz";

/// Knows one password, unless it is down; a test can hold it up.
struct List {
    /// What is logged of it and of no other.
    name: String,
    is_down: AtomicBool,
    asked: AtomicUsize,
    fingerprints: Mutex<Vec<String>>,
    open: watch::Sender<bool>,
    waiting: watch::Sender<bool>,
}

impl List {
    fn new() -> Arc<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        Arc::new(Self {
            name: format!("list-of-breaches-{}-", COUNT.fetch_add(1, Ordering::SeqCst)),
            is_down: AtomicBool::new(false),
            asked: AtomicUsize::new(0),
            fingerprints: Mutex::default(),
            open: watch::Sender::new(true),
            waiting: watch::Sender::new(false),
        })
    }

    /// The application with a look-up in this list.
    fn added_to(self: &Arc<Self>, plan: Plan, module: RefuseBreachedPasswords) -> Plan {
        let list = Arc::clone(self);
        plan.with(move |core| {
            core.provide::<dyn BreachedPasswords>(list).module(module);
        })
    }

    fn take_asked(&self) -> usize {
        self.asked.swap(0, Ordering::SeqCst)
    }

    /// The lines of the log about it.
    fn logged(&self) -> Vec<String> {
        log::lines_with(&self.name)
    }
}

impl BreachedPasswords for List {
    fn is_breached<'a>(
        &'a self,
        fingerprint: &'a PasswordFingerprint,
    ) -> BoxFuture<'a, Result<bool>> {
        Box::pin(async {
            self.asked.fetch_add(1, Ordering::SeqCst);
            self.fingerprints.lock().push(fingerprint.expose().to_owned());
            self.waiting.send_replace(true);
            self.open.subscribe().wait_for(|open| *open).await.unwrap();
            self.waiting.send_replace(false);
            if self.is_down.load(Ordering::SeqCst) {
                return Err(Error::unavailable(format!("{} is down", self.name)));
            }
            let known = PasswordFingerprint::of(&BREACHED.parse().unwrap());
            Ok(known.expose() == fingerprint.expose())
        })
    }
}

/// Whatever chooses a password.
fn choices(app: &App, bearer: &str, password: &str) -> [RequestBuilder; 3] {
    [
        app.client.register_with(ALICE, password),
        app.client.reset(&app.mailer.token(MARGARETHE), password),
        app.client.change_password(PASSWORD, password).bearer_auth(bearer),
    ]
}

async fn pwd_06_a_breached_password_may_be_chosen_nowhere(plan: Plan) {
    let list = List::new();
    let plan = list.added_to(plan, RefuseBreachedPasswords::new());
    let (app, bearer) = app_with_margarethe(plan).await;
    assert_eq!(list.take_asked(), 1, "about the password that she has");
    expect_refused_everywhere(&app, &bearer, BREACHED, "compromised").await;
    assert_eq!(list.take_asked(), 3);
    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(list.logged(), [""; 0]);

    // A refusal does not use the token up, and others may be chosen.
    let change = app.client.change_password(PASSWORD, OTHER_PASSWORD).bearer_auth(&bearer);
    change.answer().await.expect(200);
    app.add_user(ALICE).await;
}

async fn pwd_06_nobody_is_asked_about_a_password_that_is_refused_anyway(plan: Plan) {
    let list = List::new();
    let plan = list.added_to(plan, RefuseBreachedPasswords::new());
    let (app, bearer) = app_with_margarethe(plan).await;
    list.take_asked();
    for (password, code) in [
        ("short", "too_short"),
        ("passwordpassword", "compromised"),
        ("margarethe.hollerith", "guessable"),
    ] {
        expect_refused_everywhere(&app, &bearer, password, code).await;
    }
    // Nor about one that is only tried.
    app.client.log_in(MARGARETHE, BREACHED).answer().await.expect(401);
    app.client.reauthenticate(BREACHED).bearer_auth(&bearer).answer().await.expect(422);
    app.client.reset(&"A".repeat(43), BREACHED).answer().await.problem(422, "token_invalid");
    assert_eq!(list.take_asked(), 0);
}

async fn pwd_06_a_breached_password_is_one_of_everything_that_is_wrong(plan: Plan) {
    let list = List::new();
    let app = list.added_to(plan, RefuseBreachedPasswords::new()).start().await;
    let answer = app.client.register_with("nobody", BREACHED).answer().await;
    assert_eq!(answer.problem(422, "invalid"), ["/email invalid_email", "/password compromised"]);
}

async fn pwd_06_where_the_look_up_is_down_a_password_passes_and_one_warning_is_logged(plan: Plan) {
    let list = List::new();
    let plan = list.added_to(plan, RefuseBreachedPasswords::new());
    let (app, _) = app_with_margarethe(plan).await;
    list.is_down.store(true, Ordering::SeqCst);
    list.take_asked();
    let expect_one_more = |number: usize| {
        assert_eq!(list.take_asked(), 1);
        let logged = list.logged();
        assert_eq!(logged.len(), number, "{logged:?}");
        assert!(logged[number - 1].contains(" WARN "), "{logged:?}");
    };
    app.client.register_with(ALICE, BREACHED).answer().await.expect(202);
    expect_one_more(1);
    let reset = app.client.reset(&app.mailer.token(MARGARETHE), BREACHED);
    reset.answer().await.expect(204);
    expect_one_more(2);
    let bearer = app.client.log_in(MARGARETHE, BREACHED).answer().await.text("/access_token");
    let change = app.client.change_password(BREACHED, OTHER_PASSWORD).bearer_auth(bearer);
    change.answer().await.expect(200);
    expect_one_more(3);

    for fingerprint in &*list.fingerprints.lock() {
        for secret in [fingerprint.as_str(), &fingerprint[..20], &fingerprint[20..]] {
            assert!(!log::holds(secret) && !log::holds(&secret.to_lowercase()));
        }
    }
    assert!(!log::holds(BREACHED));
}

async fn pwd_06_where_the_look_up_is_down_no_password_passes_if_that_is_wanted(plan: Plan) {
    let list = List::new();
    let module = RefuseBreachedPasswords::new().when_lookup_fails(LookupFailure::Refuse);
    let (app, bearer) = app_with_margarethe(list.added_to(plan, module)).await;
    list.is_down.store(true, Ordering::SeqCst);
    let before = app.database.dump().await;
    for request in choices(&app, &bearer, OTHER_PASSWORD) {
        let line = request.answer().await.internal_problem(503, "unavailable");
        assert!(line.contains(&list.name), "{line}");
    }
    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(app.database.dump().await, before);
    list.is_down.store(false, Ordering::SeqCst);
    let [register, reset, _] = choices(&app, &bearer, OTHER_PASSWORD);
    register.answer().await.expect(202);
    reset.answer().await.expect(204);
}

async fn pwd_06_no_unit_of_work_is_open_during_the_look_up(plan: Plan) {
    let list = List::new();
    let plan = list.added_to(plan, RefuseBreachedPasswords::new());
    let (app, bearer) = app_with_margarethe(plan).await;
    for request in choices(&app, &bearer, BREACHED) {
        list.open.send_replace(false);
        let held = tokio::spawn(async move { request.answer().await });
        list.waiting.subscribe().wait_for(|waiting| *waiting).await.unwrap();
        assert!(!app.database.is_being_written().await);
        list.open.send_replace(true);
        held.await.unwrap().problem(422, "invalid");
    }
}
