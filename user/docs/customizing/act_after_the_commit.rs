use dullahan_core::{After, Before, CoreBuilder, Result};
use dullahan_user::{
    domain::{MailKind, MailMessage, NewMail},
    presentation::event::transport::{ActivateUserProcess, ComposeMail, OweMail},
};

const WELCOME: MailKind = MailKind::custom("welcome");

async fn enqueue(mut ev: After<'_, ActivateUserProcess>) -> Result<()> {
    let mail = NewMail::new(ev.output().id, WELCOME);
    ev.dispatch(OweMail { mail }).await.map(drop)
}

fn write(mut ev: Before<'_, ComposeMail>) -> Result<()> {
    if ev.mail.kind == WELCOME {
        let to = ev.mail.email.clone();
        ev.respond(MailMessage::new(to, "Welcome", "It is good to have you.\n"));
    }
    Ok(())
}

pub(crate) fn register(core: &mut CoreBuilder) {
    core.event::<ActivateUserProcess>().after(0, enqueue);
    core.event::<ComposeMail>().before(0, write);
}
