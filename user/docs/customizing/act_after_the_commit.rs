use dullahan_core::{After, Before, CoreBuilder, Result};
use dullahan_user::{
    domain::{MailKind, MailMessage},
    presentation::event::transport::{ActivateUserProcess, ComposeMail, OweMail},
};

const WELCOME: MailKind = MailKind::custom("welcome");

async fn enqueue(mut ev: After<'_, ActivateUserProcess>) -> Result<()> {
    let welcome = OweMail::new(ev.output(), WELCOME);
    ev.dispatch(welcome).await.map(drop)
}

fn write(mut ev: Before<'_, ComposeMail>) -> Result<()> {
    if ev.mail.kind == WELCOME {
        let to = ev.mail.email.clone();
        ev.respond(MailMessage::new(to, "Welcome", "It is good to have you.\n"));
    }
    Ok(())
}

pub(crate) fn register(core: &mut CoreBuilder) {
    core.event::<ActivateUserProcess>().after(enqueue);
    core.event::<ComposeMail>().before(write);
}
