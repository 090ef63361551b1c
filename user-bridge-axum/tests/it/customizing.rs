//! What the page on customizing shows, as it stands there.

#[path = "../../../user/docs/customizing/act_after_the_commit.rs"]
mod act_after_the_commit;
#[path = "../../../user/docs/customizing/add_a_field.rs"]
mod add_a_field;
#[path = "../../../user/docs/customizing/add_a_validation.rs"]
mod add_a_validation;
#[path = "../../../user/docs/customizing/change_the_payload.rs"]
mod change_the_payload;
#[path = "../../../user/docs/customizing/make_the_table.rs"]
mod make_the_table;
#[path = "../../../user/docs/customizing/replace_the_creation.rs"]
mod replace_the_creation;

/// The same listing for either database.
mod on_sqlite {
    pub(crate) type Store = dullahan_core_bridge_sqlx::SqliteStore;
    pub(crate) mod ask_for_an_invite {
        include!("../../../user/docs/customizing/ask_for_an_invite.rs");
    }
}

mod on_postgres {
    pub(crate) type Store = dullahan_core_bridge_sqlx::PostgresStore;
    pub(crate) mod ask_for_an_invite {
        include!("../../../user/docs/customizing/ask_for_an_invite.rs");
    }
}

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use dullahan_core::{After, Context, Core, Error, ErrorKind, Result};
use dullahan_core_bridge_sqlx::SqliteStore;
use dullahan_user::{
    UserModule,
    domain::{RegistrationRequest, Settings},
    port::{Mailer, UserPersistManager as _},
    presentation::event::transport::{CreateUserProcess, RequestMailProcess},
    testing::{self, SignedIn},
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use crate::support::{
    ALICE, Answer, App, PASSWORD, Plan, Send as _, log,
    mailer::{TestMailer, Trouble},
    on_both_databases,
};

on_both_databases!(
    new_04_an_invite_is_used_once_under_registrations_at_the_same_moment,
    new_04_a_bad_invite_is_answered_alike_for_a_free_and_a_taken_address,
    new_04_a_refusal_that_only_one_kind_of_address_meets_reaches_no_client,
    new_05_a_test_signs_a_user_in_by_one_line,
);

async fn register(app: &App, email: &str, extra: Value) -> Answer {
    let body = json!({ "email": email, "password": PASSWORD, "extra": extra });
    app.client.post("/auth/registration", &body).answer().await
}

#[tokio::test]
async fn a_validation_is_added() {
    let app = App::extended(add_a_validation::register).await;
    let body = json!({ "email": ALICE, "password": "short" });
    let refused = app.client.post("/auth/registration", &body).answer().await;
    assert_eq!(refused.problem(422, "invalid"), ["/email not_a_member", "/password too_short"]);
    assert_eq!(app.database.count("dullahan_users").await, 0);
    app.add_user("alice@club.test").await;
}

async fn app_with_invites(plan: Plan, codes: &[&str]) -> App {
    let register = if plan.database.is_on_server() {
        on_postgres::ask_for_an_invite::register
    } else {
        on_sqlite::ask_for_an_invite::register
    };
    let app = plan.with(register).start().await;
    app.database.execute("CREATE TABLE invites (code TEXT NOT NULL PRIMARY KEY)").await;
    for code in codes {
        app.database.execute(&format!("INSERT INTO invites VALUES ('{code}')")).await;
    }
    app
}

async fn new_04_an_invite_is_used_once_under_registrations_at_the_same_moment(plan: Plan) {
    let app = app_with_invites(plan, &["one", "two"]).await;
    let mut registrations = JoinSet::new();
    for i in 0..8 {
        let body = json!({
            "email": format!("user-{i}@x.test"), "password": PASSWORD, "extra": { "invite": "one" }
        });
        let request = app.client.post("/auth/registration", &body);
        registrations.spawn(async move { request.answer().await });
    }
    let answers = registrations.join_all().await;
    let (let_in, refused): (Vec<_>, Vec<_>) =
        answers.into_iter().partition(|answer| answer.status == 202);
    assert_eq!(let_in.len(), 1);
    for answer in refused {
        assert_eq!(answer.problem(422, "invalid"), ["/extra/invite invite_invalid"]);
    }
    assert_eq!(app.database.count("dullahan_users").await, 1);
    // A registration that fails later returns its code, and one that is not acceptable costs none.
    app.hasher.turn_new_away(true);
    register(&app, ALICE, json!({ "invite": "two" })).await.internal_problem(503, "busy");
    app.hasher.turn_new_away(false);
    let weak = json!({ "email": ALICE, "password": "short", "extra": { "invite": "two" } });
    app.client.post("/auth/registration", &weak).answer().await.expect(422);
    assert_eq!(app.database.texts("SELECT code FROM invites").await, ["two"]);
    register(&app, ALICE, json!({ "invite": "two" })).await.expect(202);
}

async fn new_04_a_bad_invite_is_answered_alike_for_a_free_and_a_taken_address(plan: Plan) {
    let app = app_with_invites(plan, &["one", "two", "three"]).await;
    register(&app, ALICE, json!({ "invite": "one" })).await.expect(202);
    for extra in [json!({}), json!({ "invite": 7 }), json!({ "invite": "none" })] {
        let free = register(&app, "free@x.test", extra.clone()).await.expect(422);
        assert_eq!(register(&app, ALICE, extra).await, free);
    }
    // A good one is used up by either, so using it again tells nothing.
    for (email, code) in [("free@x.test", "two"), (ALICE, "three")] {
        register(&app, email, json!({ "invite": code })).await.expect(202);
        let again = register(&app, email, json!({ "invite": code })).await;
        assert_eq!(again.problem(422, "invalid"), ["/extra/invite invite_invalid"]);
    }
    assert_eq!(app.database.count("invites").await, 0);
}

async fn new_04_a_refusal_that_only_one_kind_of_address_meets_reaches_no_client(plan: Plan) {
    static LATE: &str = "refused_too_late";
    let refuses = Arc::new(AtomicBool::new(false));
    let free = Arc::clone(&refuses);
    let refusal = |refuses: &AtomicBool, fault| match refuses.load(Ordering::SeqCst) {
        true => Err(Error::new(fault).with_code(LATE)),
        false => Ok(()),
    };
    let app = plan
        .with(move |core| {
            core.event::<CreateUserProcess>()
                .after(move |_: After<'_, CreateUserProcess>| refusal(&free, ErrorKind::Forbidden));
        })
        .start()
        .await;
    let expected = app.client.register(ALICE).answer().await.expect(202);
    refuses.store(true, Ordering::SeqCst);
    assert_eq!(app.client.register("free@x.test").answer().await, expected);
    assert_eq!(app.client.register(ALICE).answer().await, expected);
    assert_eq!(app.database.count("dullahan_users").await, 1);
    let line = log::last_line_with_all(&[LATE, "CreateUserProcess", "ValidateRegistrationProcess"]);
    assert!(line.is_some_and(|line| line.contains("ERROR")));
}

async fn new_05_a_test_signs_a_user_in_by_one_line(plan: Plan) {
    let app = plan.with(add_a_validation::register).start().await;
    let alice = SignedIn::by_bearer(&app.users, ALICE).await;
    let account = app.client.get("/account").headers(alice.headers).answer().await.expect(200);
    assert_eq!(account.text("/email"), ALICE);
    let own = app.client.to_application(http::Method::GET, "/hello").bearer_auth(&alice.token);
    own.answer().await.expect(200);
    let again = SignedIn::by_cookie(&app.users, ALICE).await;
    assert_eq!(again.user.id, alice.user.id);
    app.client.log_out().headers(again.headers).answer().await.expect(204);
    app.client.log_in(ALICE, testing::PASSWORD).answer().await.expect(200);
    app.deliver_mails().await;
    assert_eq!(app.mailer.count(), 0);
}

#[tokio::test]
async fn the_payload_is_changed() {
    let app = App::extended(change_the_payload::register).await;
    app.add_user(ALICE).await;
    let answer = app.client.log_in(ALICE, PASSWORD).answer().await.expect(200);
    assert_eq!(answer.text("/user/display_name"), "alice");
}

#[tokio::test]
async fn something_is_done_once_it_is_surely_stored() {
    let app = App::extended(act_after_the_commit::register).await;
    let token = app.register(ALICE).await;
    app.mailer.clear();
    app.client.activate("nonsense").answer().await.expect(422);
    assert_eq!(app.mailer.count(), 0);
    app.client.activate(&token).answer().await.expect(204);
    app.deliver_mails().await;
    assert_eq!(app.mailer.subjects(ALICE), ["Welcome"]);
    // A mailer that fails changes nothing and loses nothing.
    let token = app.register("bob@x.test").await;
    app.mailer.set(Trouble::Fails);
    app.client.activate(&token).answer().await.expect(204);
    app.deliver_mails().await;
    app.client.log_in("bob@x.test", PASSWORD).answer().await.expect(200);
    let unsent = "SELECT kind FROM dullahan_owed_mails WHERE sent_at IS NULL";
    assert_eq!(app.database.texts(unsent).await, ["app_welcome"]);
}

/// Users somewhere else.
#[derive(Default)]
struct Directory(Mutex<Vec<(String, String)>>);

impl Directory {
    async fn add(&self, email: &str, hash: &str) -> Result<()> {
        let mut users = self.0.lock();
        if users.iter().any(|(other, _)| other == email) {
            let taken = dullahan_user::application::EMAIL_TAKEN;
            return Err(Error::new(ErrorKind::Conflict).with_code(taken));
        }
        users.push((email.to_owned(), hash.to_owned()));
        Ok(())
    }
}

#[tokio::test]
async fn the_creation_is_replaced() {
    let directory = Arc::new(Directory::default());
    let provided = Arc::clone(&directory);
    let app = App::extended(|core| {
        core.provide::<Directory>(provided);
        replace_the_creation::register(core);
    })
    .await;
    let free = app.client.register(ALICE).answer().await.expect(202);
    assert_eq!(app.client.register(ALICE).answer().await, free, "nobody is told that it is taken");
    app.client.register_with("bob@x.test", "short").answer().await.expect(422);
    let users = directory.0.lock().clone();
    assert_eq!(users.len(), 1);
    assert_eq!(users[0].0, ALICE);
    assert!(users[0].1.starts_with("$argon2id$"));
    assert_eq!(app.database.count("dullahan_users").await, 0);
}

async fn app_with_sizes() -> App {
    let app = App::extended(|core| {
        add_a_field::register(core);
        core.event::<RequestMailProcess>().before(
            |ev: dullahan_core::Before<'_, RequestMailProcess>| {
                let is_broken = ev.context().get::<Broken>().is_some();
                if is_broken {
                    Err(Error::internal("the mail cannot be asked for"))
                } else {
                    Ok(())
                }
            },
        );
    })
    .await;
    app.store.sqlite().migrate("my_app", &[make_the_table::SIZES]).await.unwrap();
    app
}

/// In the context of a request whose unit of work fails at its end.
#[derive(Clone)]
struct Broken;

#[tokio::test]
async fn a_field_is_added_in_the_same_transaction() {
    let app = app_with_sizes().await;
    register(&app, ALICE, json!({ "shoe_size": 43 })).await.expect(202);
    assert_eq!(app.database.number("SELECT size FROM sizes").await, 43);
    register(&app, "bob@x.test", json!({})).await.expect(202);
    register(&app, "carol@x.test", json!({ "shoe_size": null })).await.expect(202);
    assert_eq!(app.database.count("sizes").await, 1);
    for wrong in [json!("43"), json!(4.5), json!([]), json!({})] {
        let refused = register(&app, "dan@x.test", json!({ "shoe_size": wrong })).await;
        assert_eq!(refused.problem(422, "invalid"), ["/extra/shoe_size wrong_type"]);
    }
    let refused = register(&app, "dan@x.test", json!({ "shoe_size": 43, "hat_size": 58 })).await;
    assert_eq!(refused.problem(422, "invalid"), ["/extra/hat_size unknown_member"]);
    app.deliver_mails().await;
    app.client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    // A taken address changes nothing about its owner.
    register(&app, ALICE, json!({ "shoe_size": 12 })).await.expect(202);
    app.deliver_mails().await;
    assert_eq!(app.database.count("sizes").await, 1);
    assert_eq!(app.database.number("SELECT size FROM sizes").await, 43);
}

#[tokio::test]
async fn a_field_is_gone_with_the_user_whose_creation_fails() {
    let app = app_with_sizes().await;
    let before = app.database.dump().await;
    let request = |email: &str, extra: Value| RegistrationRequest {
        email: email.to_owned(),
        password: Some(PASSWORD.parse().unwrap()),
        extra: extra.as_object().unwrap().clone(),
        ..RegistrationRequest::default()
    };
    let users = app.users.users();
    let context = Context::new();
    context.insert(Broken);
    let failed = users.register(&context, request(ALICE, json!({ "shoe_size": 43 }))).await;
    assert_eq!(failed.unwrap_err().kind(), ErrorKind::Internal);
    assert_eq!(app.database.dump().await, before);
    // What one request has left in a context is not the next one's.
    context.remove::<Broken>();
    users.register(&context, request(ALICE, json!({ "shoe_size": 43 }))).await.unwrap();
    users.register(&context, request("bob@x.test", json!({}))).await.unwrap();
    assert_eq!(app.database.count("dullahan_users").await, 2);
    assert_eq!(app.database.count("sizes").await, 1);
}

#[tokio::test]
async fn a_compulsory_field_is_asked_for() {
    use dullahan_user::{
        application::functor::TakeExtra,
        presentation::event::transport::{ValidateAccountChanges, ValidateRegistrationProcess},
    };
    let app = App::extended(|core| {
        let terms = || TakeExtra::<bool>::named("terms").required();
        core.event::<ValidateRegistrationProcess>().before(terms());
        core.event::<ValidateAccountChanges>().before(terms());
    })
    .await;
    for extra in [json!({}), json!({ "terms": null })] {
        let refused = register(&app, ALICE, extra).await;
        assert_eq!(refused.problem(422, "invalid"), ["/extra/terms required"]);
    }
    register(&app, ALICE, json!({ "terms": true })).await.expect(202);
    app.deliver_mails().await;
    app.client.activate(&app.mailer.token(ALICE)).answer().await.expect(204);
    let bearer = app.client.bearer(ALICE).await;
    let update = |extra: Value| {
        let body = json!({ "locale": "de", "extra": extra });
        app.client.update_account(&body).bearer_auth(&bearer)
    };
    update(json!({ "terms": 1 })).answer().await.problem(422, "invalid");
    update(json!({ "terms": true })).answer().await.expect(200);
}

/// The lines of a listing, and those that register it: without imports and blank lines.
fn count(listing: &str) -> (usize, usize) {
    let mut is_import = false;
    let mut counts = (0, 0);
    let mut is_registering = false;
    for line in listing.lines() {
        is_import |= line.starts_with("use ");
        if line.starts_with("pub(crate) fn register") {
            is_registering = true;
        } else if !is_import && !line.is_empty() {
            if !is_registering {
                counts.0 += 1;
            } else if line != "}" {
                counts.1 += 1;
            }
        }
        is_import &= !line.ends_with(';');
    }
    counts
}

#[tokio::test]
async fn the_store_is_opened_with_a_table_of_one_s_own() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/users.sqlite", folder.path().display());
    for _ in ["new", "opened again"] {
        let mut core = Core::builder();
        make_the_table::open(&url, &mut core).await.unwrap();
        let core = core
            .module(UserModule::new(Settings::default()))
            .provide::<dyn Mailer>(Arc::new(TestMailer::default()))
            .module(add_a_field::register)
            .build()
            .unwrap();
        let store = core.services().get::<SqliteStore>().unwrap();
        let context = Context::new();
        let mut connection = store.read(&context).await.unwrap();
        let count: i64 = sqlx::query_scalar("SELECT count(*) FROM sizes")
            .fetch_one(&mut *connection)
            .await
            .unwrap();
        assert_eq!(count, 0);
    }
}

#[test]
fn the_page_shows_what_is_tested_and_counts_its_lines() {
    let page = include_str!("../../../user/docs/customizing.md");
    assert!(page.contains(include_str!("../../../user/docs/customizing/make_the_table.rs")));
    for (title, listing) in [
        ("Add a validation", include_str!("../../../user/docs/customizing/add_a_validation.rs")),
        ("Ask for an invite", include_str!("../../../user/docs/customizing/ask_for_an_invite.rs")),
        (
            "Change the payload",
            include_str!("../../../user/docs/customizing/change_the_payload.rs"),
        ),
        (
            "Do something once it is surely stored",
            include_str!("../../../user/docs/customizing/act_after_the_commit.rs"),
        ),
        (
            "Replace the creation",
            include_str!("../../../user/docs/customizing/replace_the_creation.rs"),
        ),
        (
            "Add a field, in a table of one's own, in the same transaction",
            include_str!("../../../user/docs/customizing/add_a_field.rs"),
        ),
    ] {
        assert!(page.contains(listing), "{title}: the page shows something else");
        let (lines, registering) = count(listing);
        let most = match title {
            "Ask for an invite" => 25,
            "Do something once it is surely stored" => 12,
            _ => 8,
        };
        assert!(lines <= most, "{title} takes {lines} lines");
        let row = page.lines().find(|line| line.starts_with(&format!("| [{title}]"))).unwrap();
        assert!(row.ends_with(&format!("| {lines} | {registering} |")), "{row}: {lines}");
    }
}
