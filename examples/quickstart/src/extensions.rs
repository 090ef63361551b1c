//! What this application does differently from the module: four extensions, a few lines each.

use dullahan_core::{
    After, Before, CoreBuilder, ListenerOptions as _, Priority, Result, Violation,
};
use dullahan_user::{
    domain::{MailKind, MailMessage, User, UserStatus},
    presentation::event::transport::{
        ActivateUserProcess, ComposeMail, CreateUserProcess, OweMail, ValidateRegistrationProcess,
    },
};

/// Switches the fourth extension on: users are created somewhere else.
const CREATE_SOMEWHERE_ELSE: bool = false;

/// Registers the extensions; `main` adds this function as a module.
pub(crate) fn register(core: &mut CoreBuilder) {
    core.event::<ValidateRegistrationProcess>().before(ask_question);
    core.event::<CreateUserProcess>().before(fill_display_name);
    core.event::<ActivateUserProcess>().after(enqueue_welcome);
    core.event::<ComposeMail>().before(write_welcome);
    core.event::<CreateUserProcess>()
        .before(create_somewhere_else.priority(Priority::LAST).when(|_| CREATE_SOMEWHERE_ELSE));
}

/// Asks a question before the payload is accepted; a wrong answer is an error of that field.
fn ask_question(mut ev: Before<'_, ValidateRegistrationProcess>) -> Result<()> {
    let answer = ev.request.extra.remove("horse_legs");
    if answer.as_ref().and_then(|answer| answer.as_str()) != Some("four") {
        ev.reject(Violation::new("/extra/horse_legs", "wrong_answer"));
    }
    Ok(())
}

/// Changes the payload before the user is created: without a name, the address gives one.
fn fill_display_name(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
    if ev.user.display_name.is_none() {
        ev.user.display_name = ev.user.email.local_part().parse().ok();
    }
    Ok(())
}

/// The welcome mail, a kind of this application's own.
const WELCOME: MailKind = MailKind::custom("welcome");

/// Enqueues the welcome mail in the unit of work of the activation: sent once that is stored, whatever happens in between.
async fn enqueue_welcome(mut ev: After<'_, ActivateUserProcess>) -> Result<()> {
    let welcome = OweMail::new(ev.output(), WELCOME);
    ev.dispatch(welcome).await.map(drop)
}

/// Writes it, when its turn has come.
fn write_welcome(mut ev: Before<'_, ComposeMail>) -> Result<()> {
    if ev.mail.kind == WELCOME {
        let to = ev.mail.email.clone();
        ev.respond(MailMessage::new(to, "Welcome", "It is good to have you.\n"));
    }
    Ok(())
}

/// Replaces the creation: here the user would go into a directory, and is active at once.
fn create_somewhere_else(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
    let user = User { status: UserStatus::Active, ..ev.user.to_user() };
    tracing::info!(id = %user.id, "created somewhere else");
    ev.respond(user);
    Ok(())
}
