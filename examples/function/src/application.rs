//! The application: users in SQLite, mails in a folder.

use std::{env, error::Error, path::PathBuf, sync::Arc};

use dullahan_core::Core;
use dullahan_core_bridge_sqlx::SqliteStore;
use dullahan_user::{
    UserModule,
    domain::Settings,
    port::Mailer,
    presentation::http::{HttpSettings, UserHttp},
};
use dullahan_user_bridge_lettre::EmlFolder;

/// The application, as the environment describes it.
#[derive(Debug)]
pub struct Application {
    /// The contract.
    pub users: UserHttp,
}

impl Application {
    /// Users in `DATABASE_URL`, mails in the folder `MAILBOX`, pages at `ORIGIN`, proxies in
    /// `TRUSTED_PROXIES`.
    ///
    /// # Errors
    ///
    /// When the database or the folder cannot be opened.
    pub async fn from_environment() -> Result<Self, Box<dyn Error>> {
        let url = env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:users.sqlite".to_owned());
        let mailbox = env::var_os("MAILBOX").map_or_else(|| PathBuf::from("mailbox"), Into::into);
        let store = SqliteStore::open(&url).await?;
        dullahan_user_bridge_sqlx::migrate(&store).await?;
        let core = Core::builder()
            .module(UserModule::new(Settings::default()))
            .module(dullahan_user_bridge_sqlx::module(store))
            .provide::<dyn Mailer>(Arc::new(EmlFolder::create(
                &mailbox,
                "Users <no-reply@users.example>",
            )?))
            .build()?;
        let http = HttpSettings {
            allowed_origins: env::var("ORIGIN")
                .iter()
                .map(|origin| origin.parse())
                .collect::<Result<_, _>>()?,
            trusted_proxies: env::var("TRUSTED_PROXIES").unwrap_or_default().parse()?,
            shows_openapi: true,
            server_url: "/api".to_owned(),
            ..HttpSettings::default()
        };
        Ok(Self { users: UserHttp::new(core, http)? })
    }

    /// Sends the mails that are owed.
    ///
    /// # Errors
    ///
    /// When the queue fails.
    pub async fn deliver_mails(&self) -> Result<(), Box<dyn Error>> {
        while self.users.users().deliver_mail().await? {}
        Ok(())
    }
}
