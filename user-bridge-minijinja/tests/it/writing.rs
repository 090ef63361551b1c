//! A core that writes mails.

use std::sync::{Arc, Mutex};

use dullahan_core::{BoxFuture, BuildError, Core, CoreBuilder, DefaultAction, Error, Result, Saga};
use dullahan_user::{
    UserModule,
    domain::{
        MailId, MailKind, MailMessage, OwedMail, RegistrationOrigin, Settings, Token, UserId,
    },
    infrastructure::MemoryStores,
    port::Mailer,
    presentation::event::transport::ComposeMail,
};
use dullahan_user_bridge_minijinja::MailTemplates;
use time::macros::datetime;

/// A mailer for tests that send nothing.
struct NoMailer;

impl Mailer for NoMailer {
    fn send<'a>(&'a self, _: &'a MailMessage) -> BoxFuture<'a, Result<()>> {
        Box::pin(async { Err(Error::internal("nothing is sent here")) })
    }
}

/// A mail is written, and that is all.
#[derive(Saga)]
#[event(output = MailMessage)]
struct Write(Mutex<Option<ComposeMail>>);

fn writing(core: &mut CoreBuilder) {
    core.declare::<Write>().default(async |mut ev: DefaultAction<'_, Write>| {
        let compose = ev.0.lock().unwrap().take().unwrap();
        ev.dispatch(compose).await
    });
}

/// What the service of these tests has decided.
pub(crate) fn settings() -> Settings {
    let link = |page: &str| Some(format!("https://cellar.example/{page}?a=1&b=2#{{token}}"));
    Settings {
        service_name: "Cellar & Co".to_owned(),
        activation_link: link("activate"),
        password_reset_link: link("password"),
        email_change_link: link("address"),
        email_cancel_link: link("address/stop"),
        ..Settings::default()
    }
}

pub(crate) fn build(settings: Settings, templates: MailTemplates) -> Result<Core, BuildError> {
    Core::builder()
        .module(UserModule::new(settings))
        .module(MemoryStores::new())
        .module(templates)
        .module(writing)
        .provide::<dyn Mailer>(Arc::new(NoMailer))
        .build()
}

/// A mail to somebody with an awkward name.
pub(crate) fn owed(kind: MailKind, locale: Option<&str>) -> OwedMail {
    OwedMail {
        id: MailId::new(),
        user_id: UserId::new(),
        email: "ada@example.org".parse().unwrap(),
        display_name: Some("<script>alert('Ada & Bob')</script>".parse().unwrap()),
        locale: locale.map(|locale| locale.parse().unwrap()),
        kind,
        email_change_id: None,
        new_email: Some("ada.new@example.org".parse().unwrap()),
        registration: Some(RegistrationOrigin {
            at: datetime!(2026-01-02 03:04:05 UTC),
            address: Some([203, 0, 113, 7].into()),
        }),
        closed_until: Some(datetime!(2026-02-01 03:04:05 UTC)),
        is_admitted: false,
        attempts: 0,
    }
}

pub(crate) async fn write(core: &Core, mail: OwedMail) -> Result<MailMessage> {
    let token = mail.kind.token_purpose().map(|_| Token::from_bytes([7; 32]));
    core.run(Write(Mutex::new(Some(ComposeMail { mail, token })))).await
}
