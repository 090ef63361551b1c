//! The dialogue with a server.

#[cfg(feature = "tls")]
use lettre::transport::smtp::client::TlsParameters;
use lettre::{
    Address, Message,
    transport::smtp::{
        authentication::DEFAULT_MECHANISMS,
        client::AsyncSmtpConnection,
        commands::{Data, Mail, Rcpt, Rset},
        extension::{ClientId, Extension, MailBodyParameter, MailParameter},
    },
};

use super::{
    SmtpMailerError, SmtpSettings,
    failure::{SmtpFailure, Step},
    settings::SmtpSecurity,
};
use crate::address::ascii_host;

/// Opens connections.
pub(super) struct Connector {
    settings: SmtpSettings,
    hello: ClientId,
    #[cfg(feature = "tls")]
    tls: Option<TlsParameters>,
}

impl Connector {
    pub(super) fn new(
        settings: &SmtpSettings,
        sender_domain: &str,
    ) -> Result<Self, SmtpMailerError> {
        let is_plain = settings.security == SmtpSecurity::None;
        if is_plain && !settings.is_loopback() {
            return Err(SmtpMailerError::PlainToElsewhere);
        }
        if !is_plain && cfg!(not(feature = "tls")) {
            return Err(SmtpMailerError::TlsNotCompiledIn);
        }
        let hello = settings.hello_name.as_deref().unwrap_or(sender_domain);
        let hello = ascii_host(hello).unwrap_or_else(|| hello.to_owned());
        Ok(Self {
            hello: ClientId::Domain(hello),
            #[cfg(feature = "tls")]
            tls: if is_plain { None } else { Some(tls(settings)?) },
            settings: settings.clone(),
        })
    }

    /// A connection that is encrypted as it has to be, and signed in.
    pub(super) async fn open(&self) -> Result<AsyncSmtpConnection, SmtpFailure> {
        #[cfg(feature = "tls")]
        let mut connection = match (&self.tls, self.settings.security) {
            (Some(tls), SmtpSecurity::Tls) => self.connect(Some(tls.clone())).await?,
            (Some(tls), _) => {
                let mut connection = self.connect(None).await?;
                if !connection.can_starttls() {
                    return Err(SmtpFailure::StartTlsMissing);
                }
                let starting = connection.starttls(tls.clone(), &self.hello);
                starting.await.map_err(|error| SmtpFailure::of(Step::Greeting, error))?;
                connection
            }
            (None, _) => self.connect(None).await?,
        };
        #[cfg(not(feature = "tls"))]
        let mut connection = self.connect().await?;

        if let Some(credentials) = &self.settings.credentials {
            let signing_in = connection.auth(DEFAULT_MECHANISMS, credentials.expose());
            signing_in.await.map_err(|error| SmtpFailure::of(Step::Credentials, error))?;
        }
        Ok(connection)
    }

    async fn connect(
        &self,
        #[cfg(feature = "tls")] tls: Option<TlsParameters>,
    ) -> Result<AsyncSmtpConnection, SmtpFailure> {
        #[cfg(not(feature = "tls"))]
        let tls = None;
        AsyncSmtpConnection::connect_tokio1(
            (self.settings.host.as_str(), self.settings.port),
            Some(self.settings.connect_timeout),
            &self.hello,
            tls,
            None,
        )
        .await
        .map_err(|error| SmtpFailure::of(Step::Greeting, error))
    }
}

/// Encryption as rustls has it: version 1.2 at least, and a certificate for the server's name.
#[cfg(feature = "tls")]
fn tls(settings: &SmtpSettings) -> Result<TlsParameters, SmtpMailerError> {
    use lettre::transport::smtp::client::Certificate;

    let failed = |error| SmtpMailerError::Tls(Box::new(error));
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.root_certificates {
        builder = builder.add_root_certificate(Certificate::from_pem(pem).map_err(failed)?);
    }
    builder.build_rustls().map_err(failed)
}

/// Whether the server still listens, and has forgotten what was before.
pub(super) async fn is_ready(connection: &mut AsyncSmtpConnection) -> bool {
    connection.command(Rset).await.is_ok()
}

/// Hands a message over, step by step, so that it is known what was refused.
///
/// # Rule
///
/// RFC 5321 section 3.3: the three steps of a transaction, and which replies they have.
pub(super) async fn transmit(
    connection: &mut AsyncSmtpConnection,
    message: &Message,
) -> Result<(), SmtpFailure> {
    let (envelope, content) = (message.envelope(), message.formatted());
    let mut parameters = Vec::new();
    let is_ascii = |address: &Address| AsRef::<str>::as_ref(address).is_ascii();
    let is_sender_ascii = envelope.from().is_none_or(is_ascii);
    if !is_sender_ascii || !envelope.to().iter().all(is_ascii) {
        if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
            return Err(match is_sender_ascii {
                true => SmtpFailure::RecipientNotAscii,
                false => SmtpFailure::SenderNotAscii,
            });
        }
        parameters.push(MailParameter::SmtpUtfEight);
    }
    if !content.is_ascii() {
        if !connection.server_info().supports_feature(Extension::EightBitMime) {
            return Err(SmtpFailure::MessageNotAscii);
        }
        parameters.push(MailParameter::Body(MailBodyParameter::EightBitMime));
    }
    say(connection, Step::Sender, 250, Mail::new(envelope.from().cloned(), parameters)).await?;
    for recipient in envelope.to() {
        say(connection, Step::Recipient, 250, Rcpt::new(recipient.clone(), Vec::new())).await?;
    }
    say(connection, Step::Content, 354, Data).await?;
    // lettre ends what it is given with a line break of its own.
    let lines = content.strip_suffix(b"\r\n").unwrap_or(&content);
    let answer = connection.message(lines).await;
    let answer = answer.map_err(|error| SmtpFailure::of(Step::Content, error))?;
    if !answer.has_code(250) {
        return Err(SmtpFailure::Garbled { step: Step::Content });
    }
    Ok(())
}

async fn say(
    connection: &mut AsyncSmtpConnection,
    step: Step,
    expected: u16,
    command: impl std::fmt::Display,
) -> Result<(), SmtpFailure> {
    let answer = connection.command(command).await;
    let answer = answer.map_err(|error| SmtpFailure::of(step, error))?;
    // A server that forwards says 251 and takes the recipient all the same.
    if answer.has_code(expected) || (step == Step::Recipient && answer.has_code(251)) {
        return Ok(());
    }
    Err(SmtpFailure::Garbled { step })
}
