//! A client that goes away in the middle: what it began is rolled back.

use std::{future::pending, sync::Arc};

use dullahan_core::{After, Event, Listener, ListenerOptions as _, Result};
use dullahan_user::presentation::event::transport::{
    ActivateUserProcess, ConfirmEmailChangeProcess, CreateUserProcess, OpenSessionProcess,
    ResetPasswordProcess,
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::Notify};

use crate::support::{ALICE, App, OTHER_PASSWORD, PASSWORD, Send as _};

/// Never ends while it is switched on, and tells when it is reached and when it is given up.
#[derive(Default)]
struct Slow {
    event: Mutex<Option<&'static str>>,
    reached: Notify,
    given_up: Notify,
}

/// Tells that the future of a listener was dropped.
struct GivenUp<'a>(&'a Notify);

impl Drop for GivenUp<'_> {
    fn drop(&mut self) {
        self.0.notify_one();
    }
}

#[derive(Clone)]
struct Slowly(Arc<Slow>);

impl<E: Event> Listener<After<'_, E>> for Slowly {
    async fn call(&self, _: After<'_, E>) -> Result<()> {
        if *self.0.event.lock() == Some(E::NAME) {
            let _given_up = GivenUp(&self.0.given_up);
            self.0.reached.notify_one();
            pending::<()>().await;
        }
        Ok(())
    }
}

async fn app_with(slow: &Arc<Slow>) -> App {
    let slowly = Slowly(Arc::clone(slow));
    App::extended(move |core| {
        core.event::<CreateUserProcess>().after(slowly.clone().priority(-100));
        core.event::<ActivateUserProcess>().after(slowly.clone().priority(-100));
        core.event::<OpenSessionProcess>().after(slowly.clone().priority(-100));
        core.event::<ResetPasswordProcess>().after(slowly.clone().priority(-100));
        core.event::<ConfirmEmailChangeProcess>().after(slowly.priority(-100));
    })
    .await
}

/// Sends a request, goes away once this event is under way, and waits until the server has noticed.
async fn leave_during<E: Event>(app: &App, slow: &Slow, path: &str, body: Value) {
    *slow.event.lock() = Some(E::NAME);
    let body = body.to_string();
    let request = format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(app.address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    slow.reached.notified().await;
    assert!(app.database.is_being_written().await, "the row is written, and not committed");
    drop(connection);
    slow.given_up.notified().await;
    *slow.event.lock() = None;
}

#[tokio::test]
async fn err_01_a_client_that_leaves_during_a_registration_leaves_nothing_behind() {
    let slow = Arc::new(Slow::default());
    let app = app_with(&slow).await;
    let before = app.database.dump_without_attempts().await;
    let body = json!({ "email": ALICE, "password": PASSWORD });
    for _ in 0..3 {
        leave_during::<CreateUserProcess>(&app, &slow, "/auth/registration", body.clone()).await;
        // The next writer gets its turn only when the one before is rolled back.
        app.register("bob@x.test").await;
        let delete =
            "PRAGMA foreign_keys = ON; DELETE FROM dullahan_users WHERE email = 'bob@x.test'";
        app.database.execute(delete).await;
        assert_eq!(app.database.dump_without_attempts().await, before);
    }
    app.add_user(ALICE).await;
    assert_eq!(app.mailer.to(ALICE).len(), 1);
}

#[tokio::test]
async fn err_01_a_client_that_leaves_during_an_activation_keeps_the_token() {
    let slow = Arc::new(Slow::default());
    let app = app_with(&slow).await;
    let token = app.register(ALICE).await;
    let before = app.database.dump_without_attempts().await;
    let body = json!({ "token": token, "password": PASSWORD });
    leave_during::<ActivateUserProcess>(&app, &slow, "/auth/activation", body).await;
    app.client.activate("nonsense").answer().await.expect(422);
    app.register("bob@x.test").await;
    app.database
        .execute("PRAGMA foreign_keys = ON; DELETE FROM dullahan_users WHERE email = 'bob@x.test'")
        .await;
    assert_eq!(app.database.dump_without_attempts().await, before);
    app.client.activate(&token).answer().await.expect(204);
}

#[tokio::test]
async fn err_01_a_client_that_leaves_during_a_login_leaves_no_session() {
    let slow = Arc::new(Slow::default());
    let app = app_with(&slow).await;
    app.add_user(ALICE).await;
    let body = json!({ "identifier": ALICE, "password": PASSWORD, "transport": "cookie" });
    leave_during::<OpenSessionProcess>(&app, &slow, "/auth/login", body).await;
    app.client.bearer(ALICE).await;
    assert_eq!(app.database.count("dullahan_sessions").await, 1);
}

#[tokio::test]
async fn err_01_a_client_that_leaves_during_a_reset_keeps_password_sessions_and_token() {
    let slow = Arc::new(Slow::default());
    let app = app_with(&slow).await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    app.client.forgot(ALICE).answer().await.expect(202);
    app.deliver_mails().await;
    let token = app.mailer.token(ALICE);
    let body = json!({ "token": token, "password": OTHER_PASSWORD });
    leave_during::<ResetPasswordProcess>(&app, &slow, "/auth/password/reset", body).await;
    app.client.bearer(ALICE).await;
    app.client.account_of_bearer(&bearer).answer().await.expect(200);
    app.client.reset(&token, OTHER_PASSWORD).answer().await.expect(204);
    app.client.log_in(ALICE, PASSWORD).answer().await.expect(401);
}

#[tokio::test]
async fn err_01_a_client_that_leaves_as_the_last_mailbox_agrees_changes_no_address() {
    let slow = Arc::new(Slow::default());
    let app = app_with(&slow).await;
    app.add_user(ALICE).await;
    let bearer = app.client.bearer(ALICE).await;
    let asked = app.client.change_email("wonderland@x.test").bearer_auth(&bearer);
    asked.answer().await.expect(202);
    app.deliver_mails().await;
    let (current, new) = (app.mailer.token(ALICE), app.mailer.token("wonderland@x.test"));
    app.client.confirm_email(&new).answer().await.expect(200);
    let body = json!({ "token": current });
    leave_during::<ConfirmEmailChangeProcess>(&app, &slow, "/auth/email/confirm", body).await;
    app.client.bearer(ALICE).await;
    let account = app.client.account_of_bearer(&bearer).answer().await.expect(200);
    assert_eq!(account.text("/email"), ALICE);
    app.client.confirm_email(&current).answer().await.expect(200);
    app.client.bearer("wonderland@x.test").await;
    app.client.account_of_bearer(&bearer).answer().await.expect(401);
}

#[tokio::test]
async fn err_01_a_client_that_leaves_while_its_password_is_hashed_registers_nothing() {
    let app = App::start().await;
    app.hasher.hold();
    let body = json!({ "email": ALICE, "password": PASSWORD }).to_string();
    let request = format!(
        "POST /auth/registration HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(app.address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    app.hasher.wait_until_at_work(1).await;
    drop(connection);
    app.hasher.wait_until_at_work(0).await;
    app.hasher.go_on();
    app.register("bob@x.test").await;
    assert_eq!(app.database.count("dullahan_users").await, 1);
}
