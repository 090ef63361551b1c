//! A mail is put into the queue.

use std::{sync::Arc, time::Duration};

use dullahan_core::{Listener, Perform, Result};

use crate::{
    domain::{Settings, before},
    port::{Clock, MailQueue},
    presentation::event::transport::OweMail,
};

functor! {
    /// Puts a mail into the queue, in the unit of work of whatever owes it.
    pub struct PutIntoMailQueue {
        queue: Arc<dyn MailQueue>,
        clock: Arc<dyn Clock>,
        settings: Arc<Settings>,
    }
}

impl Listener<Perform<'_, OweMail>> for PutIntoMailQueue {
    async fn call(&self, ev: Perform<'_, OweMail>) -> Result<bool> {
        let now = self.clock.now();
        // Of each change its owner is told, however soon it follows the one before.
        let pause =
            if ev.mail.kind.is_notice() { Duration::ZERO } else { self.settings.mail_pause };
        let not_since = before(now, pause);
        self.queue.owe(ev.context(), &ev.mail, now, not_since).await
    }
}
