//! Mails that the user module owes.

use std::{sync::Arc, time::Duration};

use dullahan_core::{Before, Context, Core, CoreBuilder, ListenerOptions as _, Result};
use dullahan_user::{
    UserModule,
    application::UserManagerFacade,
    domain::{ActivationPassword, MailOutcome, RegistrationRequest, Settings, Token},
    infrastructure::MemoryStores,
    port::{Mailer, UserPersistManager as _},
    presentation::event::transport::SettleMailProcess,
};
use dullahan_user_bridge_lettre::{SmtpMailer, SmtpSettings};
use parking_lot::Mutex;

use crate::support::{SmtpServer, TestClock, Trouble, mailer};

const PASSWORD: &str = "canary horse battery staple";

/// An application whose mails go to a server.
struct App {
    users: UserManagerFacade,
    clock: Arc<TestClock>,
    outcomes: Arc<Mutex<Vec<MailOutcome>>>,
}

impl App {
    async fn new(server: &SmtpServer, settings: Settings, extend: fn(&mut CoreBuilder)) -> Self {
        let clock = Arc::new(TestClock::new());
        let outcomes = Arc::new(Mutex::new(Vec::new()));
        let core = Core::builder()
            .module(UserModule::new(settings).with_clock(Arc::clone(&clock) as _))
            .module(MemoryStores::new())
            .provide::<dyn Mailer>(Arc::new(mailer(server)))
            .module({
                let outcomes = Arc::clone(&outcomes);
                move |core: &mut CoreBuilder| {
                    core.event::<SettleMailProcess>().before(
                        move |ev: Before<'_, SettleMailProcess>| {
                            outcomes.lock().push(ev.outcome);
                            Ok(())
                        },
                    );
                }
            })
            .module(extend)
            .build()
            .unwrap();
        let app = Self { users: UserManagerFacade::new(core), clock, outcomes };
        let request = RegistrationRequest {
            email: "ada@example.org".to_owned(),
            password: PASSWORD.parse().ok(),
            ..RegistrationRequest::default()
        };
        app.users.register(&Context::new(), request).await.unwrap();
        app
    }

    /// Works off what is due; how often something was.
    async fn deliver(&self) -> usize {
        let before = self.outcomes.lock().len();
        while self.users.deliver_mail().await.unwrap() {}
        self.outcomes.lock().len() - before
    }

    fn outcomes(&self) -> Vec<MailOutcome> {
        self.outcomes.lock().clone()
    }
}

fn as_it_is(_: &mut CoreBuilder) {}

/// The password that was given at registration.
fn password() -> Option<ActivationPassword> {
    Some(ActivationPassword::Registered(Arc::new(PASSWORD.parse().unwrap())))
}

/// The token, on a line of its own.
fn token(content: &str) -> Token {
    content.lines().find_map(|line| line.parse().ok()).unwrap()
}

#[tokio::test]
async fn reg_09_a_mail_that_is_owed_while_the_server_is_away_is_sent_with_growing_pauses_once_it_is_back()
 {
    let stopped = {
        let server = SmtpServer::start().await;
        let app = App::new(&server, Settings::default(), as_it_is).await;
        let stopped = server.stop().await;
        assert_eq!(app.deliver().await, 1);
        for pause in [30, 60, 120, 240] {
            app.clock.advance(Duration::from_secs(pause - 1));
            assert_eq!(app.deliver().await, 0, "after {pause} seconds less one");
            app.clock.advance(Duration::from_secs(1));
            assert_eq!(app.deliver().await, 1, "after {pause} seconds");
        }
        assert_eq!(app.outcomes(), [MailOutcome::Postponed; 5]);
        (stopped, app)
    };
    let (stopped, app) = stopped;
    let server = stopped.start().await;
    app.clock.advance(Duration::from_secs(480));
    assert_eq!(app.deliver().await, 1);
    let received = server.only();
    assert_eq!(received.recipient, "ada@example.org");
    app.users.activate(&Context::new(), Some(token(&received.content)), password()).await.unwrap();
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(app.deliver().await, 0);
}

/// As when the process is killed: what it knew is gone, and the lease is left.
#[tokio::test]
async fn a_crash_between_the_mailer_s_word_and_ours_sends_a_mail_twice_and_recognisably() {
    async fn dies(_: Before<'_, SettleMailProcess>) -> Result<()> {
        std::future::pending().await
    }
    fn once(core: &mut CoreBuilder) {
        static HAS_DIED: std::sync::atomic::AtomicBool = std::sync::atomic::AtomicBool::new(false);
        core.event::<SettleMailProcess>().before(
            dies.priority(-1).when(|_| !HAS_DIED.swap(true, std::sync::atomic::Ordering::SeqCst)),
        );
    }
    let server = SmtpServer::start().await;
    let app = App::new(&server, Settings::default(), once).await;
    tokio::select! {
        delivered = app.deliver() => panic!("it lived: {delivered}"),
        () = async {
            server.has_taken_one().await;
            while app.outcomes().is_empty() {
                tokio::task::yield_now().await;
            }
        } => {}
    }
    assert_eq!(app.deliver().await, 0);
    app.clock.advance(Settings::default().mail_lease);
    assert_eq!(app.deliver().await, 1);
    let received = server.received();
    assert_eq!(received.len(), 2);
    assert_eq!(received[0].header("Message-ID"), received[1].header("Message-ID"));
    // Either token does, and together they are good for one activation.
    let context = Context::new();
    app.users.activate(&context, Some(token(&received[0].content)), password()).await.unwrap();
    let again = app.users.activate(&context, Some(token(&received[1].content)), password()).await;
    let error = again.unwrap_err();
    assert_eq!(error.code(), "token_invalid");
    app.clock.advance(Duration::from_hours(1));
    assert_eq!(app.deliver().await, 0);
}

#[tokio::test]
async fn a_mail_that_is_refused_for_good_is_given_up_at_once() {
    let server = SmtpServer::start().await;
    server.gets_into(Trouble::Answers("RCPT", "550 5.1.1 no such mailbox"));
    let app = App::new(&server, Settings::default(), as_it_is).await;
    assert_eq!(app.deliver().await, 1);
    assert_eq!(app.outcomes(), [MailOutcome::GivenUp]);
    server.recovers();
    app.clock.advance(Duration::from_hours(100 * 24));
    assert_eq!(app.deliver().await, 0);
    assert!(server.received().is_empty());
    // Who asks again gets another one.
    let email = "ada@example.org".parse().unwrap();
    app.users.resend_activation(&Context::new(), email).await.unwrap();
    app.deliver().await;
    assert_eq!(server.received().len(), 1);
}

#[tokio::test]
async fn a_mail_that_was_tried_too_often_is_given_up() {
    let server = SmtpServer::start().await;
    server.gets_into(Trouble::Answers("RCPT", "450 4.2.1 later"));
    let settings = Settings { mail_attempts: 3, ..Settings::default() };
    let app = App::new(&server, settings, as_it_is).await;
    for _ in 0..5 {
        app.deliver().await;
        app.clock.advance(Duration::from_hours(2));
    }
    let expected = [MailOutcome::Postponed, MailOutcome::Postponed, MailOutcome::GivenUp];
    assert_eq!(app.outcomes(), expected);
    assert!(server.received().is_empty());
}

/// Or a mail that kills whoever sends it would be tried for ever.
#[tokio::test]
async fn a_mail_whose_senders_all_died_is_given_up_without_another_try() {
    let server = SmtpServer::start().await;
    server.gets_into(Trouble::IsSilent);
    let settings = Settings { mail_attempts: 2, ..Settings::default() };
    let lease = settings.mail_lease;
    let app = App::new(&server, settings, as_it_is).await;
    for _ in 0..2 {
        tokio::select! {
            delivered = app.deliver() => panic!("it lived: {delivered}"),
            () = server.has_taken_one() => {}
        }
        app.clock.advance(lease);
    }
    assert_eq!(app.deliver().await, 1);
    assert_eq!(app.outcomes(), [MailOutcome::GivenUp]);
    assert_eq!(server.received().len(), 2);
}

#[test]
fn user_17_a_lease_that_is_over_before_the_mailer_gives_up_is_a_defect() {
    let build = |lease| {
        let settings = Settings { mail_lease: lease, ..Settings::default() };
        let smtp: SmtpSettings = "smtp://localhost?tls=none".parse().unwrap();
        let smtp = SmtpSettings { timeout: Duration::from_secs(30), ..smtp };
        let mailer = SmtpMailer::new(smtp, "Cellar <no-reply@x.test>").unwrap();
        Core::builder()
            .module(UserModule::new(settings))
            .module(MemoryStores::new())
            .provide::<dyn Mailer>(Arc::new(mailer))
            .build()
    };
    let error = build(Duration::from_secs(20)).unwrap_err().to_string();
    assert!(error.contains("`Settings::mail_lease` is 20s: the mailer takes up to 30s"), "{error}");
    build(Duration::from_secs(31)).unwrap();
}
