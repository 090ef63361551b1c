//! A mail is put into the queue.

use std::sync::Arc;

use dullahan_core::{DefaultAction, Listener, Result};

use crate::{
    port::{Clock, MailQueue},
    presentation::event::transport::OweMail,
};

functor! {
    /// Puts a mail into the queue, in the unit of work of whatever owes it.
    pub struct PutIntoMailQueue {
        queue: Arc<dyn MailQueue>,
        clock: Arc<dyn Clock>,
    }
}

impl Listener<DefaultAction<'_, OweMail>> for PutIntoMailQueue {
    async fn call(&self, ev: DefaultAction<'_, OweMail>) -> Result<bool> {
        self.queue.owe(ev.context(), &ev.mail, self.clock.now()).await
    }
}
