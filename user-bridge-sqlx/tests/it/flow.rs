//! A user's way through the whole module, with tokens that a test knows.

use std::sync::{
    Arc, Mutex,
    atomic::{AtomicU8, Ordering},
};

use dullahan_core::{BoxFuture, Context, Core, Module, Result};
use dullahan_user::{
    UserModule,
    application::UserManagerFacade,
    domain::{
        ActivationPassword, MailMessage, PlainPassword, RegistrationRequest, SessionTransport,
        Settings, Token,
    },
    infrastructure::{Argon2Hasher, Argon2Settings},
    port::{
        Mailer, TokenGenerationError, TokenGenerator, UserAddressManager as _,
        UserPasswordManager as _, UserPersistManager as _, UserSessionManager as _,
    },
};

/// The password of whoever registers here.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// The password that Alice chooses when she has forgotten it.
const NEW_PASSWORD: &str = "gravel umbrella 73 tundra kite";

/// Registers Alice, activates her, signs her in and asks who she is. Then registers her again, and Bob. Then Alice
/// forgets her password, chooses another one, and asks for another address.
///
/// Gives what no copy of the store may hold: every token, as bytes and as text, and the password.
pub(crate) async fn run(stores: impl Module) -> Vec<Vec<u8>> {
    let tokens = Arc::new(KnownTokens::default());
    let mailbox = Arc::new(Mailbox::default());
    let users = users(stores, &tokens, &mailbox);
    let context = Context::new();
    let transport = SessionTransport::Cookie;

    sign_up(&users, &mailbox).await;
    let token = log_in(&users).await.unwrap();
    let current = users.resolve(&context, token.digest(), transport).await.unwrap().unwrap();
    assert_eq!(current.user.email.as_str(), "Alice@x.test");

    users.register(&context, registration("ALICE@x.test")).await.unwrap();
    users.register(&context, registration("bob@x.test")).await.unwrap();
    while users.deliver_mail().await.unwrap() {}

    let address = || "alice@x.test".parse().unwrap();
    users.forgot_password(&context, address()).await.unwrap();
    while users.deliver_mail().await.unwrap() {}
    let (token, password) = (mailbox.last_token(), plain(NEW_PASSWORD));
    users.reset_password(&context, Some(token), Arc::clone(&password)).await.unwrap();
    let opened =
        users.log_in(&context, "alice@x.test".to_owned(), password, transport, None).await.unwrap();
    let current = users.resolve(&context, opened.token.digest(), transport).await.unwrap().unwrap();
    users.request_email_change(&context, current, "new@x.test".parse().unwrap()).await.unwrap();
    while users.deliver_mail().await.unwrap() {}

    let mut secrets = vec![PASSWORD.as_bytes().to_vec(), NEW_PASSWORD.as_bytes().to_vec()];
    for number in 1..=tokens.drawn() {
        let bytes = KnownTokens::bytes(number);
        secrets.push(bytes.to_vec());
        secrets.push(Token::from_bytes(bytes).expose().as_bytes().to_vec());
    }
    assert_eq!(
        secrets.len(),
        2 + 2 * 9,
        "four of mails about Alice, one of Bob's, two of sessions, two marks of devices"
    );
    secrets
}

/// The user module over some stores.
pub(crate) fn users(
    stores: impl Module,
    tokens: &Arc<KnownTokens>,
    mailbox: &Arc<Mailbox>,
) -> UserManagerFacade {
    let module = UserModule::new(Settings::default())
        .with_token_generator(Arc::clone(tokens) as Arc<dyn TokenGenerator>)
        .with_password_hasher(Arc::new(
            Argon2Hasher::new(Argon2Settings::insecure_for_tests()).unwrap(),
        ));
    let core = Core::builder()
        .module(module)
        .module(stores)
        .provide::<dyn Mailer>(Arc::clone(mailbox) as Arc<dyn Mailer>)
        .build()
        .unwrap();
    UserManagerFacade::new(core)
}

/// Registers Alice and activates her.
pub(crate) async fn sign_up(users: &UserManagerFacade, mailbox: &Mailbox) {
    let context = Context::new();
    users.register(&context, registration("Alice@x.test")).await.unwrap();
    assert!(users.deliver_mail().await.unwrap());
    let password = Some(ActivationPassword::Registered(plain(PASSWORD)));
    users.activate(&context, Some(mailbox.last_token()), password).await.unwrap();
}

/// Signs Alice in.
pub(crate) async fn log_in(users: &UserManagerFacade) -> Result<Arc<Token>> {
    let (context, alice) = (Context::new(), "alice@x.test".to_owned());
    let transport = SessionTransport::Cookie;
    Ok(users.log_in(&context, alice, plain(PASSWORD), transport, None).await?.token)
}

fn plain(text: &str) -> Arc<PlainPassword> {
    Arc::new(text.parse().unwrap())
}

pub(crate) fn registration(email: &str) -> RegistrationRequest {
    RegistrationRequest {
        email: email.to_owned(),
        password: Some(PASSWORD.parse().unwrap()),
        ..RegistrationRequest::default()
    }
}

/// Tokens that can be told from everything else.
#[derive(Default)]
pub(crate) struct KnownTokens(AtomicU8);

impl KnownTokens {
    fn bytes(number: u8) -> [u8; 32] {
        std::array::from_fn(|index| 0xa0 ^ number ^ u8::try_from(index).unwrap())
    }

    fn drawn(&self) -> u8 {
        self.0.load(Ordering::Relaxed)
    }
}

impl TokenGenerator for KnownTokens {
    fn generate(&self) -> Result<Token, TokenGenerationError> {
        let number = self.0.fetch_add(1, Ordering::Relaxed) + 1;
        Ok(Token::from_bytes(Self::bytes(number)))
    }
}

/// A mailer that keeps the mails.
#[derive(Default)]
pub(crate) struct Mailbox(Mutex<Vec<MailMessage>>);

impl Mailbox {
    /// The token in the last mail.
    fn last_token(&self) -> Token {
        let mails = self.0.lock().unwrap();
        let text = &mails.last().unwrap().text;
        let words = text.split(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '-' | '_'));
        words.filter_map(|word| word.parse().ok()).next().expect("there is a token in it")
    }
}

impl Mailer for Mailbox {
    fn send<'a>(&'a self, mail: &'a MailMessage) -> BoxFuture<'a, Result<()>> {
        Box::pin(async {
            self.0.lock().unwrap().push(mail.clone());
            Ok(())
        })
    }
}
