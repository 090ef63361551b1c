//! A mail is written from its templates.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Error, Listener, Result};
use dullahan_user::{
    domain::{MailMessage, Settings},
    presentation::event::transport::ComposeMail,
};

use super::Catalogue;
use crate::values::{TokenValues, Values, about};

/// Writes a mail from the templates of its kind, in the language of its user as far as there are any.
pub(crate) struct ComposeFromTemplates {
    settings: Arc<Settings>,
    catalogue: Arc<Catalogue>,
}

impl ComposeFromTemplates {
    pub(crate) fn new(settings: Arc<Settings>, catalogue: Arc<Catalogue>) -> Self {
        Self { settings, catalogue }
    }
}

impl Listener<DefaultAction<'_, ComposeMail>> for ComposeFromTemplates {
    async fn call(&self, ev: DefaultAction<'_, ComposeMail>) -> Result<MailMessage> {
        let (mail, settings) = (&ev.mail, &self.settings);
        let token = match (mail.kind.token_purpose(), &ev.token) {
            (None, _) => None,
            (Some(_), Some(token)) => TokenValues::new(mail.kind, token, settings),
            (Some(_), None) => return Err(Error::internal("this mail needs a token")),
        };
        let wanted = mail.locale.as_ref().map(|locale| locale.as_str());
        let locale = self.catalogue.locale(wanted);
        let values = Values {
            service: &settings.service_name,
            name: mail.display_name.as_ref().map(|name| name.as_str()),
            email: mail.email.as_str(),
            locale,
            token,
            about: about(mail, ev.token.as_ref(), settings),
        };
        let written = self.catalogue.render(locale, mail.kind, &values.to_value())?;
        let html = Some(written.html);
        Ok(MailMessage {
            html,
            ..MailMessage::new(mail.email.clone(), written.subject, written.text)
        })
    }
}
