use dullahan_core::{Committed, CoreBuilder, Result, Service};
use dullahan_user::{
    domain::MailMessage, port::Mailer, presentation::event::transport::ActivateUserProcess,
};

async fn welcome(
    ev: Committed<'_, ActivateUserProcess>,
    mailer: Service<'_, dyn Mailer>,
) -> Result<()> {
    let to = ev.output().email.clone();
    mailer.send(&MailMessage::new(to, "Welcome", "It is good to have you.\n")).await
}

pub(crate) fn register(core: &mut CoreBuilder) {
    core.event::<ActivateUserProcess>().committed(welcome);
}
