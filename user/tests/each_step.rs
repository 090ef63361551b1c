//! Every step of a flow fails in its turn, by an error, by a panic and by being given up, and nothing half done is left.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

use std::sync::Arc;

use dullahan_core::{Context, Core};
use dullahan_core_testing::{Attempt, StepsTried, fail_at_each_step};
use dullahan_user::{
    UserModule,
    application::UserManagerFacade,
    domain::{
        ActivationPassword, EmailAddress, MailRequest, PlainPassword, RegistrationRequest,
        SessionTransport, Settings, UserStatus,
    },
    infrastructure::{Argon2Hasher, Argon2Settings, MemoryStores},
    port::{Mailer, UserPersistManager as _},
    presentation::event::transport::{ActivateUserSaga, LogInSaga, RegisterUserSaga},
    testing::{Mailbox, Stores},
};
use serde_json::Map;

const ALICE: &str = "alice@x.test";
const PASSWORD: &str = "correct horse battery staple";

/// An application with the stores in memory.
struct App {
    core: Core,
    users: UserManagerFacade,
    stores: Stores,
    mailbox: Arc<Mailbox>,
}

impl App {
    fn start() -> Self {
        let memory = MemoryStores::new();
        let mailbox = Arc::new(Mailbox::default());
        let hasher = Argon2Hasher::new(Argon2Settings::insecure_for_tests()).unwrap();
        let core = Core::builder()
            .module(UserModule::new(Settings::default()).with_password_hasher(Arc::new(hasher)))
            .module(memory.clone())
            .provide::<dyn Mailer>(Arc::clone(&mailbox) as Arc<dyn Mailer>)
            .build()
            .unwrap();
        let users = UserManagerFacade::new(core.clone());
        Self { core, users, stores: Stores::new(memory).unwrap(), mailbox }
    }

    /// Registers Alice and delivers her mail; the token in it.
    async fn registered(&self) -> String {
        self.users.register(&Context::new(), registration()).await.unwrap();
        while self.users.deliver_mail().await.unwrap() {}
        self.mailbox.token(ALICE).unwrap()
    }

    async fn activated(&self) {
        let token = self.registered().await;
        let activation = ActivateUserSaga {
            token: Some(token.parse().unwrap()),
            password: Some(ActivationPassword::Registered(Arc::new(PASSWORD.parse().unwrap()))),
        };
        self.core.run(activation).await.unwrap();
    }
}

fn registration() -> RegistrationRequest {
    RegistrationRequest {
        email: ALICE.to_owned(),
        password: Some(PASSWORD.parse().unwrap()),
        display_name: None,
        locale: None,
        extra: Map::new(),
    }
}

async fn status(stores: &Stores) -> Option<UserStatus> {
    let alice: EmailAddress = ALICE.parse().unwrap();
    let found = stores.users.find_credentials(&Context::new(), &alice).await.unwrap();
    found.map(|credentials| credentials.user.status)
}

/// The requests for mails, which are taken out.
async fn requests(stores: &Stores) -> Vec<MailRequest> {
    let taken = stores.process(|stores, context| {
        Box::pin(async move {
            let mut taken = Vec::new();
            while let Some(request) = stores.mails.take_request(context, 0).await? {
                taken.push(request);
            }
            Ok(taken)
        })
    });
    taken.await.unwrap()
}

/// The steps that were made to fail, of which so many are in listeners and default actions.
fn assert_tried(tried: &StepsTried, least: usize, last: &str) {
    assert!(tried.steps.len() >= least && tried.dropped >= least, "{tried}");
    assert!(tried.steps.iter().any(|step| step.to_string().contains(last)), "{tried}");
}

#[tokio::test]
async fn a_registration_is_asked_for_or_not_at_all() {
    let tried = fail_at_each_step(async || {
        let app = App::start();
        let (before, after) = (app.stores.clone(), app.stores);
        Attempt::saga(&app.core, RegisterUserSaga { request: registration() })
            .nothing_left(async move || {
                assert_eq!(status(&before).await, None);
                assert_eq!(requests(&before).await, []);
            })
            .all_done(async move || assert_eq!(requests(&after).await.len(), 1))
    });
    assert_tried(&tried.await, 8, "RequestMailProcess");
}

#[tokio::test]
async fn an_activation_is_whole_and_its_token_is_good_until_then() {
    let tried = fail_at_each_step(async || {
        let app = App::start();
        let token = app.registered().await;
        let activation = move || ActivateUserSaga {
            token: Some(token.parse().unwrap()),
            password: Some(ActivationPassword::Registered(Arc::new(PASSWORD.parse().unwrap()))),
        };
        let (again, core) = (activation.clone(), app.core.clone());
        let (before, after) = (app.stores.clone(), app.stores);
        Attempt::saga(&app.core, activation())
            .nothing_left(async move || {
                assert_eq!(status(&before).await, Some(UserStatus::Pending));
                core.run(again()).await.unwrap();
            })
            .all_done(async move || assert_eq!(status(&after).await, Some(UserStatus::Active)))
    });
    assert_tried(&tried.await, 10, "ActivateUserProcess");
}

#[tokio::test]
async fn a_login_that_fails_opens_no_session() {
    let tried = fail_at_each_step(async || {
        let app = App::start();
        app.activated().await;
        let password: PlainPassword = PASSWORD.parse().unwrap();
        let login = LogInSaga {
            identifier: ALICE.to_owned(),
            password: Arc::new(password),
            transport: SessionTransport::Bearer,
            replaces: None,
        };
        let (before, after) = (app.stores.clone(), app.stores);
        Attempt::saga(&app.core, login)
            .nothing_left(async move || assert_eq!(sessions(&before).await, 0))
            .all_done(async move || assert_eq!(sessions(&after).await, 1))
    });
    assert_tried(&tried.await, 10, "OpenSessionProcess");
}

async fn sessions(stores: &Stores) -> usize {
    let alice: EmailAddress = ALICE.parse().unwrap();
    let context = Context::new();
    let found = stores.users.find_credentials(&context, &alice).await.unwrap().unwrap();
    stores.sessions.list(&context, found.user.id, 9).await.unwrap().len()
}
