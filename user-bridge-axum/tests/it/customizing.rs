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

use std::sync::Arc;

use dullahan_core::{Context, Core, Error, Fault, Result};
use dullahan_core_bridge_sqlx::SqliteStore;
use dullahan_user::{
    UserModule,
    domain::{RegistrationRequest, Settings},
    port::{Mailer, UserPersistManager as _},
    presentation::event::transport::OweMail,
};
use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::support::{
    ALICE, Answer, App, PASSWORD, Send as _,
    mailer::{TestMailer, Trouble},
};

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
            return Err(Error::new(Fault::Conflict).with_code(taken));
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
        core.event::<OweMail>().before(0, |ev: dullahan_core::Before<'_, OweMail>| {
            let is_broken = ev.context().get::<Broken>().is_some();
            if is_broken { Err(Error::internal("the mail cannot be owed")) } else { Ok(()) }
        });
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
    // A taken address changes nothing about its owner.
    register(&app, ALICE, json!({ "shoe_size": 12 })).await.expect(202);
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
    assert_eq!(failed.unwrap_err().fault(), Fault::Internal);
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
        core.event::<ValidateRegistrationProcess>().before(0, terms());
        core.event::<ValidateAccountChanges>().before(0, terms());
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
        assert!(lines <= 8, "{title} takes {lines} lines");
        let row = page.lines().find(|line| line.starts_with(&format!("| [{title}]"))).unwrap();
        assert!(row.ends_with(&format!("| {lines} | {registering} |")), "{row}: {lines}");
    }
}
