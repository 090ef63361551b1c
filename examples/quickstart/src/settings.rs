//! The settings, from the environment.

use std::{env, error::Error, net::SocketAddr, path::PathBuf, sync::Arc};

use dullahan_user::{
    domain,
    port::Mailer,
    presentation::http::{HttpSettings, TrustedProxies},
};
use dullahan_user_bridge_lettre::{EmlFolder, SmtpMailer, SmtpSettings};
use tracing_subscriber::EnvFilter;

/// The settings, from the environment.
pub(crate) struct Settings {
    /// `PORT`, 8080 unless set. With 0 the system chooses a free one.
    pub(crate) port: u16,
    /// `DATABASE_URL`, such as `postgres://user@host/database`; a SQLite file in the current folder unless set.
    pub(crate) database_url: String,
    /// `MAILBOX`, the folder where mails go as files.
    pub(crate) mailbox: PathBuf,
    /// `SMTP_URL`, the server that mails go to instead: `smtp://user:password@host`, for Mailpit on this machine
    /// `smtp://localhost:1025?tls=none`.
    pub(crate) smtp: Option<SmtpSettings>,
    /// `MAIL_FROM`, who mails are from.
    pub(crate) mail_from: String,
}

impl Settings {
    /// Reads the environment; what is not set has a default.
    pub(crate) fn from_environment() -> Result<Self, String> {
        let port = match env::var("PORT") {
            Ok(port) => port.parse().map_err(|_| format!("PORT is no port number: {port}"))?,
            Err(_) => 8080,
        };
        let database_url =
            env::var("DATABASE_URL").unwrap_or_else(|_| "sqlite:quickstart.sqlite".to_owned());
        let mailbox = env::var_os("MAILBOX").unwrap_or_else(|| "mailbox".into()).into();
        let smtp = env::var("SMTP_URL").ok().map(|url| url.parse::<SmtpSettings>()).transpose();
        let smtp = smtp.map_err(|error| format!("SMTP_URL is {error}"))?;
        let mail_from = env::var("MAIL_FROM")
            .unwrap_or_else(|_| "Quickstart <no-reply@quickstart.example>".to_owned());
        Ok(Self { port, database_url, mailbox, smtp, mail_from })
    }

    /// Where mails go.
    pub(crate) fn mailer(&self) -> Result<Arc<dyn Mailer>, Box<dyn Error>> {
        Ok(match self.smtp.clone() {
            Some(smtp) => Arc::new(SmtpMailer::new(smtp, &self.mail_from)?),
            None => Arc::new(EmlFolder::create(&self.mailbox, &self.mail_from)?),
        })
    }

    /// What this application decides about its accounts.
    pub(crate) fn accounts(&self) -> domain::Settings {
        domain::Settings { service_name: "Quickstart".to_owned(), ..domain::Settings::default() }
    }
}

/// What this application decides about HTTP: its own pages may change something, which are where it listens.
pub(crate) fn http(address: SocketAddr) -> Result<HttpSettings, Box<dyn Error>> {
    let origin = format!("http://localhost:{}", address.port());
    // Such as `10.0.0.0/8`, or `unix` for a proxy that connects to a Unix socket.
    let trusted_proxies = env::var("TRUSTED_PROXIES").unwrap_or_default();
    let trusted_proxies = trusted_proxies
        .parse::<TrustedProxies>()
        .map_err(|error| format!("TRUSTED_PROXIES: {error}"))?;
    Ok(HttpSettings {
        allowed_origins: vec![origin.parse()?],
        shows_openapi: true,
        trusted_proxies,
        ..HttpSettings::default()
    })
}

/// `RUST_LOG`, such as `dullahan=debug` to see every dispatch; warnings and errors unless set.
pub(crate) fn log_filter() -> EnvFilter {
    EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("warn"))
}
