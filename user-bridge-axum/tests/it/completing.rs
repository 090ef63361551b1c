//! A client that goes away, or a time that is up, while what was asked for is being stored: it is finished.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use dullahan_core::{Committed, CoreBuilder, Event, Listener, Observe, Result};
use dullahan_user::presentation::{
    event::transport::{ActivateUserProcess, ActivateUserSaga},
    http::HttpSettings,
};
use serde_json::json;
use tokio::{io::AsyncWriteExt as _, net::TcpStream, sync::Semaphore, time::timeout};

use crate::support::{ALICE, App, PASSWORD, Plan, Send as _, on_both_databases};

/// So little time that it is up soon.
const MOMENT: Duration = Duration::from_secs(1);

/// So much time that a test fails when it is up.
const LONG: Duration = Duration::from_secs(30);

/// A mail server that takes its time, so to say, until it is told to go on.
struct Slow {
    reached: Semaphore,
    go_on: Semaphore,
    done: AtomicBool,
    observed: AtomicBool,
}

impl Default for Slow {
    fn default() -> Self {
        Self {
            reached: Semaphore::new(0),
            go_on: Semaphore::new(0),
            done: AtomicBool::default(),
            observed: AtomicBool::default(),
        }
    }
}

impl Slow {
    fn listen(self: &Arc<Self>) -> impl FnOnce(&mut CoreBuilder) + 'static {
        let slow = Arc::clone(self);
        move |core| {
            core.event::<ActivateUserProcess>().committed(Slowly(Arc::clone(&slow)));
            core.event::<ActivateUserSaga>().observe(Slowly(slow));
        }
    }

    async fn wait_until_reached(&self) {
        timeout(LONG, self.reached.acquire()).await.unwrap().unwrap().forget();
    }
}

struct Slowly(Arc<Slow>);

impl<E: Event> Listener<Committed<'_, E>> for Slowly {
    async fn call(&self, _: Committed<'_, E>) -> Result<()> {
        self.0.reached.add_permits(1);
        self.0.go_on.acquire().await?.forget();
        self.0.done.store(true, Ordering::SeqCst);
        Ok(())
    }
}

impl<E: Event> Listener<Observe<'_, E>> for Slowly {
    async fn call(&self, _: Observe<'_, E>) -> Result<()> {
        self.0.observed.store(true, Ordering::SeqCst);
        Ok(())
    }
}

/// Waits for what is pending, and expects that all of it was done.
async fn expect_all_done(app: &App, slow: &Slow) {
    slow.go_on.add_permits(1);
    timeout(LONG, app.core.finish_pending()).await.unwrap();
    assert!(slow.done.load(Ordering::SeqCst), "the committed listener ran to its end");
    assert!(slow.observed.load(Ordering::SeqCst), "and so did the saga");
    app.client.bearer(ALICE).await;
}

on_both_databases!(
    core_03_a_client_that_leaves_after_the_commit_loses_nothing_that_follows_it,
    core_03_an_answer_whose_time_is_up_after_the_commit_says_what_is_stored,
    core_03_an_answer_that_takes_even_longer_says_that_it_is_not_known,
);

async fn core_03_a_client_that_leaves_after_the_commit_loses_nothing_that_follows_it(plan: Plan) {
    let slow = Arc::new(Slow::default());
    let app = plan.with(slow.listen()).start().await;
    let token = app.register(ALICE).await;
    let body = json!({ "token": token, "password": PASSWORD }).to_string();
    let request = format!(
        "POST /auth/activation HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut connection = TcpStream::connect(app.address).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    slow.wait_until_reached().await;
    assert_eq!(app.core.pending(), 0, "its caller still polls it");
    drop(connection);
    let noticed = async {
        while app.core.pending() == 0 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    timeout(LONG, noticed).await.unwrap();
    assert!(!slow.done.load(Ordering::SeqCst));
    expect_all_done(&app, &slow).await;
}

async fn core_03_an_answer_whose_time_is_up_after_the_commit_says_what_is_stored(plan: Plan) {
    let slow = Arc::new(Slow::default());
    let http =
        HttpSettings { time_limit: MOMENT, completion_limit: LONG, ..HttpSettings::default() };
    let app = Plan { http, ..plan }.with(slow.listen()).start().await;
    let token = app.register(ALICE).await;
    let activation = app.client.activate(&token).answer();
    let go_on = async {
        slow.wait_until_reached().await;
        // The time is up by then, and there is no answer yet.
        tokio::time::sleep(2 * MOMENT).await;
        slow.go_on.add_permits(1);
    };
    let (answer, ()) = tokio::join!(activation, go_on);
    answer.expect(204);
    assert_eq!(app.core.pending(), 0, "nothing was left to anybody");
}

async fn core_03_an_answer_that_takes_even_longer_says_that_it_is_not_known(plan: Plan) {
    let slow = Arc::new(Slow::default());
    let http =
        HttpSettings { time_limit: MOMENT, completion_limit: MOMENT, ..HttpSettings::default() };
    let app = Plan { http, ..plan }.with(slow.listen()).start().await;
    let token = app.register(ALICE).await;
    let answer = app.client.activate(&token).answer().await;
    assert_eq!(answer.problem(503, "outcome_unknown"), [""; 0], "{answer:?}");
    assert!(!answer.headers.contains_key("retry-after"), "it is not to be sent again at once");
    slow.wait_until_reached().await;
    expect_all_done(&app, &slow).await;
}
