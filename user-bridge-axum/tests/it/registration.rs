//! Registration: REG-01 to REG-09.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dullahan_core::{
    After, Before, Context, CoreBuilder, Error, ErrorKind, Listener, ListenerOptions as _, Result,
    Violation,
};
use dullahan_core_bridge_sqlx::{SqliteStore, store_error};
use dullahan_user::{
    domain::{RegistrationRequest, Settings},
    port::UserPersistManager as _,
    presentation::event::transport::{
        AnswerMailRequestProcess, ClaimMailProcess, CreateUserProcess, RegisterUserSaga,
        RequestMailProcess, ValidateRegistrationProcess,
    },
};
use parking_lot::Mutex;
use serde_json::json;

use crate::support::{
    ALICE, App, PASSWORD, Plan, Send as _,
    mailer::{Trouble, token_of},
    on_both_databases,
};

const HOUR: Duration = Duration::from_hours(1);

on_both_databases!(
    a_language_that_is_not_said_is_that_of_the_request,
    reg_01_taken_and_free_address_answer_alike,
    reg_01_a_refused_registration_does_not_tell_whether_the_address_is_taken,
    reg_02_the_mail_goes_to_the_stored_address_and_not_to_the_one_just_typed,
    user_01_a_stranger_keeps_nobody_from_an_address_that_is_written_otherwise,
    reg_04_fifty_registrations_at_once_make_one_user_and_one_mail,
    reg_04_nobody_can_flood_a_mailbox,
    reg_06_what_a_user_may_not_choose_is_refused,
    reg_07_a_captcha_that_rejects_stops_everything_on_every_path,
    reg_09_a_mail_that_nobody_takes_does_not_keep_the_others_back,
    reg_09_a_worker_that_dies_only_delays_the_mail,
    where_existence_is_no_secret_the_answer_tells,
    a_listener_fills_what_was_left_open_and_sees_where_it_came_from,
);

async fn reg_01_taken_and_free_address_answer_alike(plan: Plan) {
    let app = plan.start().await;
    app.add_user(ALICE).await;
    app.register("pending@x.test").await;
    app.add_user("deactivated@x.test").await;
    let deactivate =
        "UPDATE dullahan_users SET status = 'deactivated' WHERE email = 'deactivated@x.test'";
    app.database.execute(deactivate).await;
    app.clock.advance(HOUR);
    app.hasher.take_counts();
    let mails = app.mailer.count();

    let free = app.client.register("free@x.test").answer().await.expect(202);
    assert_eq!(free.json(), json!({ "status": "pending" }));
    assert!(!free.headers.contains_key("set-cookie"));
    assert_eq!(app.hasher.take_counts(), (1, 0));
    for taken in [ALICE, "ALICE@X.TEST", "pending@x.test", "deactivated@x.test"] {
        let answer = app.client.register(taken).answer().await;
        assert_eq!(answer, free, "{taken}");
        assert_eq!(app.hasher.take_counts(), (1, 0), "it costs the same work");
    }

    app.deliver_mails().await;
    let with =
        |email: &str| format!("SELECT count(*) FROM dullahan_users WHERE email_key = '{email}'");
    for taken in [ALICE, "deactivated@x.test"] {
        assert_eq!(app.database.number(&with(taken)).await, 1, "{taken}");
    }
    assert_eq!(app.mailer.count(), mails + 3);
    let subject = |address| app.mailer.to(address).pop().unwrap().subject;
    assert_eq!(subject(ALICE), "You already have an account at Stable");
    assert_eq!(subject("free@x.test"), "Activate your account at Stable");
    assert_eq!(subject("pending@x.test"), "Activate your account at Stable");
    assert_eq!(app.mailer.to("deactivated@x.test").len(), 1, "only the one from before");
}

async fn reg_01_a_refused_registration_does_not_tell_whether_the_address_is_taken(plan: Plan) {
    let app = plan.start().await;
    app.add_user(ALICE).await;
    let free = app.client.register_with("free@x.test", "short").answer().await;
    assert_eq!(free.problem(422, "invalid"), ["/password too_short"]);
    assert_eq!(app.client.register_with(ALICE, "short").answer().await, free);
}

async fn reg_02_the_mail_goes_to_the_stored_address_and_not_to_the_one_just_typed(plan: Plan) {
    let app = plan.start().await;
    app.add_user("Active@x.test").await;
    app.clock.advance(HOUR);
    app.client.register("aCTIVE@X.test").answer().await.expect(202);
    app.client.forgot("ACTIVE@X.test").answer().await.expect(202);
    app.deliver_mails().await;
    assert_eq!(app.mailer.to("Active@x.test").len(), 3);
    assert_eq!(app.mailer.count(), 3);
}

async fn user_01_a_stranger_keeps_nobody_from_an_address_that_is_written_otherwise(plan: Plan) {
    let app = plan.start().await;
    for (stranger, owner) in [
        ("\u{17f}u\u{17f}an@x.test", "susan@x.test"),
        ("stra\u{df}e@x.test", "strasse@x.test"),
        ("o\u{fb00}ice@x.test", "office@x.test"),
    ] {
        app.add_user(stranger).await;
        app.add_user(owner).await;
        app.client.forgot(owner).answer().await.expect(202);
        app.deliver_mails().await;
        app.client.reset(&app.mailer.token(owner), PASSWORD).answer().await.expect(204);
        let answer = app.client.log_in(owner, PASSWORD).answer().await.expect(200);
        assert_eq!(answer.text("/user/email"), owner);
        assert_eq!(app.mailer.to(stranger).len(), 1, "only the one to activate");
    }
}

async fn reg_04_fifty_registrations_at_once_make_one_user_and_one_mail(plan: Plan) {
    let app = plan.start().await;
    let requests: Vec<_> = (0..50)
        .map(|i| {
            let email = if i % 2 == 0 { "Bob@x.test" } else { "bOB@X.TEST" };
            let request = app.client.register(email);
            tokio::spawn(async move { request.answer().await })
        })
        .collect();
    for request in requests {
        request.await.unwrap().expect(202);
    }
    app.deliver_mails().await;
    assert_eq!(app.mailer.count(), 1);
    assert_eq!(app.database.count("dullahan_owed_mails").await, 1);
    let to = ["Bob@x.test", "bOB@x.test"].map(|email| app.mailer.to(email));
    let token = token_of(&to.concat()[0].text);
    app.client.activate(&token).answer().await.expect(204);
    assert_eq!(app.database.count("dullahan_users").await, 1);
}

async fn reg_04_nobody_can_flood_a_mailbox(plan: Plan) {
    let app = plan.start().await;
    app.add_user(ALICE).await;
    for (hours, expected) in [(0, 1), (1, 2), (2, 3)] {
        for email in [ALICE, "bob@x.test"].repeat(5) {
            app.client.register(email).answer().await.expect(202);
            app.deliver_mails().await;
        }
        assert_eq!(app.mailer.to(ALICE).len(), 1 + expected, "after {hours} hours");
        assert_eq!(app.mailer.to("bob@x.test").len(), expected, "after {hours} hours");
        app.clock.advance(HOUR);
    }
}

async fn reg_06_what_a_user_may_not_choose_is_refused(plan: Plan) {
    let app = plan.start().await;
    for (name, value) in [
        ("roles", json!(["admin"])),
        ("id", json!("01890000-0000-7000-8000-000000000000")),
        ("activated", json!(true)),
        ("activated_at", json!(1)),
        ("email_verified", json!(true)),
        ("status", json!("active")),
        ("password_hash", json!("$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA")),
        ("created_at", json!(0)),
    ] {
        let body = json!({ "email": ALICE, "password": PASSWORD, name: value });
        let answer = app.client.post("/auth/registration", &body).answer().await;
        assert_eq!(answer.problem(422, "invalid"), [format!("/{name} unknown_member")]);
        let body = json!({ "email": ALICE, "password": PASSWORD, "extra": { name: value } });
        let answer = app.client.post("/auth/registration", &body).answer().await;
        assert_eq!(answer.problem(422, "invalid"), [format!("/extra/{name} unknown_member")]);
    }
    assert_eq!(app.database.count("dullahan_users").await, 0);
    assert_eq!(app.hasher.take_counts(), (0, 0), "refused before anything costly is done");

    app.register(ALICE).await;
    let defaults = "SELECT count(*) FROM dullahan_users WHERE status = 'pending' AND activated_at IS NULL \
                    AND display_name IS NULL AND created_at IS NOT NULL";
    assert_eq!(app.database.number(defaults).await, 1);
    app.client.log_in(ALICE, PASSWORD).answer().await.problem(403, "not_activated");
}

fn captcha(mut ev: Before<'_, ValidateRegistrationProcess>) -> Result<()> {
    if ev.request.extra.remove("captcha").is_none_or(|answer| answer != "seven") {
        ev.reject(Violation::new("/extra/captcha", "wrong_answer"));
    }
    Ok(())
}

async fn reg_07_a_captcha_that_rejects_stops_everything_on_every_path(plan: Plan) {
    let app = plan
        .with(|core| {
            core.event::<ValidateRegistrationProcess>().before(captcha);
        })
        .start()
        .await;
    let before = app.database.dump().await;
    for extra in [json!({}), json!({ "captcha": "six" }), json!({ "captcha": null })] {
        let body = json!({ "email": ALICE, "password": PASSWORD, "extra": extra });
        let answer = app.client.post("/auth/registration", &body).answer().await;
        assert_eq!(answer.problem(422, "invalid"), ["/extra/captcha wrong_answer"]);
    }
    let request = RegistrationRequest {
        email: ALICE.to_owned(),
        password: Some(PASSWORD.parse().unwrap()),
        ..RegistrationRequest::default()
    };
    let refused = app.users.users().register(&Context::new(), request).await.unwrap_err();
    assert_eq!(refused.kind(), ErrorKind::Invalid);
    assert_eq!(refused.violations()[0].pointer(), "/extra/captcha");

    assert_eq!(app.hasher.take_counts(), (0, 0));
    assert_eq!(app.database.dump().await, before);
    let body = json!({ "email": ALICE, "password": PASSWORD, "extra": { "captcha": "seven" } });
    app.client.post("/auth/registration", &body).answer().await.expect(202);
}

/// Writes to a table of the application's own, in the unit of work of the creation.
struct AddProfile {
    store: Arc<Mutex<Option<SqliteStore>>>,
}

impl Listener<After<'_, CreateUserProcess>> for AddProfile {
    async fn call(&self, ev: After<'_, CreateUserProcess>) -> Result<()> {
        let store = self.store.lock().clone().unwrap();
        let mut connection = store.write(ev.context()).await?;
        let insert = sqlx::query("INSERT INTO profiles (user_id) VALUES ($1)");
        let insert = insert.bind(ev.output().id.as_uuid().as_bytes().to_vec());
        insert.execute(&mut *connection).await.map_err(store_error)?;
        Ok(())
    }
}

/// Registers, and fails as long as `is_broken`, by a listener that `register` adds.
async fn expect_that_a_failure_leaves_nothing(
    register: impl FnOnce(&mut CoreBuilder, Arc<AtomicBool>) + 'static,
) {
    let is_broken = Arc::new(AtomicBool::new(true));
    let store = Arc::new(Mutex::new(None));
    let (switch, profiles) = (Arc::clone(&is_broken), AddProfile { store: Arc::clone(&store) });
    let app = App::extended(move |core| {
        core.event::<CreateUserProcess>().after(profiles.priority(100));
        register(core, switch);
    })
    .await;
    *store.lock() = Some(app.store.sqlite());
    app.database.execute("CREATE TABLE profiles (user_id BLOB NOT NULL PRIMARY KEY) STRICT").await;
    let before = app.database.dump().await;

    let answer = app.client.register(ALICE).answer().await;
    let line = answer.internal_problem(500, "internal");
    assert!(line.contains("RegisterUserSaga > CreateUserProcess"), "{line}");
    assert!(!answer.headers.contains_key("set-cookie"));
    assert_eq!(app.database.dump().await, before);
    app.deliver_mails().await;
    assert_eq!(app.mailer.count(), 0);

    is_broken.store(false, Ordering::SeqCst);
    let token = app.register(ALICE).await;
    app.client.activate(&token).answer().await.expect(204);
    assert_eq!(app.database.count("profiles").await, 1);
    assert_eq!(app.mailer.count(), 1);
}

/// Fails or panics while it is switched on.
struct Broken {
    switch: Arc<AtomicBool>,
    panics: bool,
}

impl Broken {
    fn act(&self) -> Result<()> {
        let is_broken = self.switch.load(Ordering::SeqCst);
        assert!(!(is_broken && self.panics), "the listener broke");
        if is_broken { Err(Error::internal("the profile service is down")) } else { Ok(()) }
    }
}

impl Listener<After<'_, CreateUserProcess>> for Broken {
    async fn call(&self, _: After<'_, CreateUserProcess>) -> Result<()> {
        self.act()
    }
}

impl Listener<After<'_, RequestMailProcess>> for Broken {
    async fn call(&self, _: After<'_, RequestMailProcess>) -> Result<()> {
        self.act()
    }
}

#[tokio::test]
async fn reg_08_a_listener_that_fails_after_the_row_was_written_leaves_nothing() {
    expect_that_a_failure_leaves_nothing(|core, switch| {
        core.event::<CreateUserProcess>().after((Broken { switch, panics: false }).priority(-100));
    })
    .await;
}

#[tokio::test]
async fn reg_08_a_listener_that_panics_after_the_row_was_written_leaves_nothing() {
    expect_that_a_failure_leaves_nothing(|core, switch| {
        core.event::<CreateUserProcess>().after((Broken { switch, panics: true }).priority(-100));
    })
    .await;
}

#[tokio::test]
async fn reg_08_a_mail_that_cannot_be_asked_for_leaves_nothing() {
    expect_that_a_failure_leaves_nothing(|core, switch| {
        core.event::<RequestMailProcess>().after(Broken { switch, panics: false });
    })
    .await;
}

#[tokio::test]
async fn reg_09_a_failing_transport_delays_the_mail_and_nothing_else() {
    for trouble in [Trouble::Fails, Trouble::Panics] {
        let app = App::start().await;
        app.mailer.set(trouble);
        app.client.register(ALICE).answer().await.expect(202);
        app.deliver_mails().await;
        assert_eq!(app.database.count("dullahan_users").await, 1);
        let owed =
            "SELECT count(*) FROM dullahan_owed_mails WHERE sent_at IS NULL AND attempts = 1";
        assert_eq!(app.database.number(owed).await, 1);

        app.mailer.set(Trouble::None);
        app.deliver_mails().await;
        assert_eq!(app.mailer.count(), 0, "it waits a little before it tries again");
        app.clock.advance(Duration::from_secs(30));
        app.deliver_mails().await;
        assert_eq!(app.mailer.count(), 1);
        app.client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
        app.clock.advance(24 * HOUR);
        app.deliver_mails().await;
        assert_eq!(app.mailer.count(), 1);
    }
}

async fn reg_09_a_mail_that_nobody_takes_does_not_keep_the_others_back(plan: Plan) {
    let app = plan.start().await;
    app.mailer.set(Trouble::Refuses("refused@x.test"));
    app.client.register("refused@x.test").answer().await.expect(202);
    app.client.register(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    assert_eq!(app.mailer.to(ALICE).len(), 1);
    for attempts in 2..=20 {
        app.clock.advance(HOUR);
        app.deliver_mails().await;
        let tried = "SELECT attempts FROM dullahan_owed_mails WHERE sent_at IS NULL";
        assert_eq!(app.database.number(tried).await, attempts);
    }
}

async fn reg_09_a_worker_that_dies_only_delays_the_mail(plan: Plan) {
    let app = plan.start().await;
    app.client.register(ALICE).answer().await.expect(202);
    // Its claim outlives it.
    app.core
        .dispatch(&Context::new(), AnswerMailRequestProcess { skip: 0 })
        .await
        .unwrap()
        .unwrap();
    let context = Context::new();
    let claimed = app.core.dispatch(&context, ClaimMailProcess {});
    assert!(claimed.await.unwrap().is_some());
    app.deliver_mails().await;
    assert_eq!(app.mailer.count(), 0);
    app.clock.advance(Duration::from_secs(60));
    app.deliver_mails().await;
    assert_eq!(app.mailer.count(), 1);
}

async fn where_existence_is_no_secret_the_answer_tells(plan: Plan) {
    let settings = Settings { enumeration_protection: false, ..Settings::default() };
    let app = Plan { settings, ..plan }.start().await;
    let created = app.client.register(ALICE).answer().await.expect(201);
    assert_eq!(created.text("/user/email"), ALICE);
    assert_eq!(created.text("/user/status"), "pending");
    assert_eq!(created.headers["cache-control"], "no-store");
    app.deliver_mails().await;
    app.client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    let taken = app.client.register("Alice@X.test").answer().await;
    assert_eq!(taken.problem(409, "email_taken"), [""; 0]);
    assert_eq!(app.database.count("dullahan_users").await, 1);
    app.deliver_mails().await;
    assert_eq!(app.mailer.count(), 1);
}

async fn a_listener_fills_what_was_left_open_and_sees_where_it_came_from(plan: Plan) {
    let seen = Arc::new(Mutex::new(None));
    let noted = Arc::clone(&seen);
    struct Note(Arc<Mutex<Option<(String, bool)>>>);
    impl Listener<Before<'_, RegisterUserSaga>> for Note {
        async fn call(&self, mut ev: Before<'_, RegisterUserSaga>) -> Result<()> {
            let context = ev.context();
            let path = context.request().map(|head| head.uri.path().to_owned());
            let is_local = context.client_address().is_some_and(|address| address.is_loopback());
            *self.0.lock() = path.map(|path| (path, is_local));
            ev.request.display_name = Some("Alice in Wonderland".to_owned());
            Ok(())
        }
    }
    let app = plan
        .with(move |core| {
            core.event::<RegisterUserSaga>().before(Note(noted));
        })
        .start()
        .await;
    app.add_user(ALICE).await;
    assert_eq!(*seen.lock(), Some(("/auth/registration".to_owned(), true)));
    let answer = app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    assert_eq!(answer.text("/user/display_name"), "Alice in Wonderland");
}

async fn a_language_that_is_not_said_is_that_of_the_request(plan: Plan) {
    let app = plan.start().await;
    for (email, said, asked, expected) in [
        ("de@x.test", None, "fr;q=0.5, de-AT", json!("de-AT")),
        ("fr@x.test", Some("fr"), "de", json!("fr")),
        ("none@x.test", None, "*", json!(null)),
    ] {
        let body = json!({ "email": email, "password": PASSWORD, "locale": said });
        let request = app.client.post("/auth/registration", &body).header("Accept-Language", asked);
        request.answer().await.expect(202);
        app.deliver_mails().await;
        app.client.activate(&app.mailer.token(email)).answer().await.expect(204);
        let answer = app.client.log_in(email, PASSWORD).answer().await.expect(200);
        assert_eq!(answer.json()["user"]["locale"], expected, "{email}");
    }
}
