//! Makes any event go wrong, in any place and any way, and drives every flow past it.

use std::{
    marker::PhantomData,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use dullahan_core::{
    After, Before, CoreBuilder, Error, Event, Listener, Observe, Preventable, Result, Wrap,
};
use dullahan_user::{
    infrastructure::{Argon2Hasher, Argon2Settings},
    port::PasswordHasher as _,
};
use parking_lot::Mutex;

use super::{ALICE, Answer, App, PASSWORD, Send as _, every_event::for_every_event};

/// What no client may ever read.
pub(crate) const SECRET: &str = "the cellar is below the kitchen";

/// Where in an event something goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Before,
    /// Once the default action has acted.
    Wrap,
    After,
    Observe,
}

/// How it goes wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum How {
    Error,
    Panic,
    /// The default action is prevented, and nothing given in its place.
    Prevent,
}

/// What goes wrong, if anything does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Plot {
    pub(crate) event: &'static str,
    pub(crate) place: Place,
    pub(crate) how: How,
}

/// Lets one event after the other go wrong.
#[derive(Default)]
pub(crate) struct Saboteur {
    plot: Mutex<Option<Plot>>,
    hits: AtomicUsize,
}

impl Saboteur {
    /// Listens to every event there is.
    pub(crate) fn register(self: &Arc<Self>, core: &mut CoreBuilder) {
        fn listen<E: Event + Preventable>(core: &mut CoreBuilder, saboteur: &Arc<Saboteur>) {
            let listener = || Sabotage::<E> { saboteur: Arc::clone(saboteur), event: PhantomData };
            core.event::<E>()
                .before(0, listener())
                .wrap(0, listener())
                .after(-1000, listener())
                .observe(listener());
        }
        for_every_event!(listen(core, self));
    }

    fn act(&self, event: &'static str, place: Place) -> Result<bool> {
        let plot = self.plot.lock().filter(|plot| (plot.event, plot.place) == (event, place));
        let Some(plot) = plot else { return Ok(false) };
        self.hits.fetch_add(1, Ordering::SeqCst);
        match plot.how {
            How::Error => Err(Error::internal(SECRET)),
            How::Panic => panic!("{SECRET}"),
            How::Prevent => Ok(true),
        }
    }
}

struct Sabotage<E> {
    saboteur: Arc<Saboteur>,
    event: PhantomData<fn() -> E>,
}

impl<E: Event + Preventable> Listener<Before<'_, E>> for Sabotage<E> {
    async fn call(&self, mut ev: Before<'_, E>) -> Result<()> {
        if self.saboteur.act(E::NAME, Place::Before)? {
            ev.prevent_default();
        }
        Ok(())
    }
}

impl<E: Event> Listener<Wrap<'_, E>> for Sabotage<E> {
    async fn call(&self, mut ev: Wrap<'_, E>) -> Result<E::Output> {
        let output = ev.next().await?;
        self.saboteur.act(E::NAME, Place::Wrap)?;
        Ok(output)
    }
}

impl<E: Event> Listener<After<'_, E>> for Sabotage<E> {
    async fn call(&self, _: After<'_, E>) -> Result<()> {
        self.saboteur.act(E::NAME, Place::After).map(drop)
    }
}

impl<E: Event> Listener<Observe<'_, E>> for Sabotage<E> {
    async fn call(&self, _: Observe<'_, E>) -> Result<()> {
        self.saboteur.act(E::NAME, Place::Observe).map(drop)
    }
}

/// Every flow over HTTP, each tried once while an event goes wrong, and once more when it does not.
pub(crate) struct Course {
    app: App,
    saboteur: Arc<Saboteur>,
    /// A hash that asks to be renewed.
    old_hash: String,
    plot: Plot,
    /// How many requests were answered with a failure.
    failures: usize,
}

impl Course {
    /// Drives every flow once for each event of the module, which goes wrong there in this way.
    pub(crate) async fn run_for_every_event(place: Place, how: How) {
        let saboteur = Arc::new(Saboteur::default());
        let registered = Arc::clone(&saboteur);
        let app = App::extended(move |core| registered.register(core)).await;
        let other = Argon2Settings::insecure_for_tests().with_memory_kib(16);
        let old_hash = Argon2Hasher::new(other).unwrap().hash(&PASSWORD.parse().unwrap()).await;
        let old_hash = old_hash.unwrap().as_phc().to_owned();
        let events: Vec<_> = app.core.describe().events.iter().map(|event| event.name).collect();
        let plot = Plot { event: "", place, how };
        let mut course = Self { app, saboteur, old_hash, plot, failures: 0 };
        for event in events {
            course.plot.event = event;
            course.saboteur.hits.store(0, Ordering::SeqCst);
            course.failures = 0;
            course.run().await;
            assert!(course.saboteur.hits.load(Ordering::SeqCst) > 0, "{event} is never reached");
            course
                .app
                .database
                .execute("PRAGMA foreign_keys = ON; DELETE FROM dullahan_users")
                .await;
        }
    }

    async fn run(&mut self) {
        let client = self.app.client.clone();
        let what = self.plot;
        let stands = what.place == Place::Before || !what.event.ends_with("Saga");

        // A free address, then the same one, which is taken.
        for _ in 0..2 {
            let whole = if stands { &[""][..] } else { &[] };
            let answer = self.attempt(|| client.register(ALICE), whole).await;
            assert_eq!(answer.status, 202, "{what:?}");
        }

        self.arm();
        let failed = self.app.users.users().deliver_mail().await.is_err();
        self.disarm();
        let is_of_the_queue = ["DeliverMailSaga", "ClaimMailProcess", "SettleMailProcess"];
        let fails = is_of_the_queue.contains(&what.event) && what.place != Place::Observe;
        assert_eq!(failed, fails, "{what:?}");
        // Past the lease of a worker that died, and past the pause after a failure.
        self.app.clock.advance(Duration::from_mins(2));
        self.app.deliver_mails().await;
        let token = self.app.mailer.token(ALICE);

        let whole = if stands { &[""][..] } else { &[] };
        let answer = self.attempt(|| client.activate(&token), whole).await;
        let expected = if stands || what.event != "ActivateUserSaga" || self.failures == 0 {
            204
        } else {
            422
        };
        assert_eq!(answer.status, expected, "{what:?}");

        let renew = format!("UPDATE dullahan_users SET password_hash = '{}'", self.old_hash);
        self.app.database.execute(&renew).await;
        let sessions = &["dullahan_sessions"][..];
        let log_in =
            |transport| move |client: &super::Client| client.log_in_by(transport, ALICE, PASSWORD);
        let bearer = self.attempt(|| log_in("bearer")(&client), sessions).await.expect(200);
        let bearer = bearer.text("/access_token");
        let cookie = self.attempt(|| log_in("cookie")(&client), sessions).await.expect(200);
        let session = super::client::CookieSession {
            cookie: cookie.cookie(),
            csrf: cookie.text("/csrf_token"),
        };

        self.app.clock.advance(Duration::from_mins(1));
        let others = &["dullahan_users", "dullahan_one_time_tokens", "dullahan_owed_mails"][..];
        let account = || client.account_of_bearer(&bearer);
        self.attempt(account, others).await.expect(200);
        self.attempt(|| client.account_of_cookie(&session), others).await.expect(200);

        let whole = if stands { sessions } else { &[] };
        let failures = self.failures;
        let log_out = || client.log_out().on_own_page(&session);
        let answer = self.attempt(log_out, whole).await;
        let closed = !stands && what.event == "LogOutSaga" && self.failures > failures;
        assert_eq!(answer.status, if closed { 401 } else { 204 }, "{what:?}");
        self.attempt(account, others).await.expect(200);

        let is_isolated = what.place == Place::Observe || what.event == "TouchSessionProcess";
        let is_seen = !is_isolated && !self.is_of_the_mails();
        assert_eq!(self.failures > 0, is_seen, "{what:?}");
    }

    fn is_of_the_mails(&self) -> bool {
        let events = [
            "DeliverMailSaga",
            "ClaimMailProcess",
            "MintTokenProcess",
            "ComposeMail",
            "SendMail",
            "SettleMailProcess",
        ];
        events.contains(&self.plot.event)
    }

    fn arm(&self) {
        *self.saboteur.plot.lock() = Some(self.plot);
    }

    fn disarm(&self) {
        *self.saboteur.plot.lock() = None;
    }

    /// Sends a request while the event goes wrong. If that is answered with a failure, the failure says
    /// nothing, has changed nothing in these tables, and the next request is served.
    async fn attempt(
        &mut self,
        request: impl Fn() -> reqwest::RequestBuilder,
        unchanged: &[&str],
    ) -> Answer {
        let before = self.rows_of(unchanged).await;
        self.arm();
        let answer = request().answer().await;
        self.disarm();
        if answer.status < 500 {
            return answer;
        }
        self.failures += 1;
        let code = if self.plot.how == How::Prevent { "step_unhandled" } else { "internal" };
        let line = answer.internal_problem(500, code);
        let Plot { event, how, .. } = self.plot;
        let cause = if how == How::Prevent { event } else { SECRET };
        assert!(line.contains(cause), "{:?}: {line}", self.plot);
        assert!(!answer.headers.contains_key("set-cookie"), "{:?}", self.plot);
        assert_eq!(self.rows_of(unchanged).await, before, "{:?}", self.plot);
        request().answer().await
    }

    /// The rows of tables whose names begin with one of these texts.
    async fn rows_of(&self, tables: &[&str]) -> Vec<String> {
        let dump = self.app.database.dump().await;
        let belongs = |line: &&str| tables.iter().any(|table| line.starts_with(table));
        dump.lines().filter(belongs).map(str::to_owned).collect()
    }
}
