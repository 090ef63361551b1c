//! What this application does differently from the module: four listeners, a few lines each.

use dullahan_core::{Before, Committed, CoreBuilder, Priority, Result, Service, Violation};
use dullahan_user::{
    domain::{MailMessage, User, UserStatus},
    port::Mailer,
    presentation::event::transport::{
        ActivateUserProcess, CreateUserProcess, ValidateRegistrationProcess,
    },
};

/// Switches the fourth extension on: users are created somewhere else.
const CREATE_SOMEWHERE_ELSE: bool = false;

/// Registers the extensions; `main` adds this function as a module.
pub(crate) fn register(core: &mut CoreBuilder) {
    core.event::<ValidateRegistrationProcess>().before(0, ask_question);
    core.event::<CreateUserProcess>().before(0, fill_display_name);
    core.event::<ActivateUserProcess>().committed(send_welcome);
    core.event::<CreateUserProcess>()
        .before(Priority::LAST, create_somewhere_else)
        .when(|_| CREATE_SOMEWHERE_ELSE);
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

/// Sends a welcome mail once the activation is really stored.
async fn send_welcome(
    ev: Committed<'_, ActivateUserProcess>,
    mailer: Service<'_, dyn Mailer>,
) -> Result<()> {
    let to = ev.output().email.clone();
    mailer.send(&MailMessage::new(to, "Welcome", "It is good to have you.\n")).await
}

/// Replaces the creation: here the user would go into a directory, and is active at once.
fn create_somewhere_else(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
    let user = User { status: UserStatus::Active, ..ev.user.to_user() };
    tracing::info!(id = %user.id, "created somewhere else");
    ev.replace(user);
    Ok(())
}
