//! What was done is written down.

mod sagas;

use std::any::Any;

use dullahan_core::{
    Context, DefaultAction, Error, Event, Inject, Observe, ObserveAny, Outcome, Result,
};
use time::{OffsetDateTime, format_description::well_known::Rfc3339};

use crate::{
    application::functor::open_session::device,
    domain::{
        AuditEntry, AuditKey, AuditOutcome, Audited, CurrentSession, RequestId, Role, UserId,
    },
    port::Clock,
    presentation::event::transport::RecordAudit,
};

/// Leaves an entry in the audit, whatever came of the saga.
///
/// # Errors
///
/// When it cannot be left; that is logged, and changes nothing.
pub async fn audit(
    mut ev: ObserveAny<'_>,
    clock: Inject<'_, dyn Clock>,
    key: Inject<'_, AuditKey>,
) -> Result<()> {
    let output = ev.output().map(|output| output as &dyn Any);
    let (context, outcome) = (ev.context(), outcome_of(ev.outcome()));
    let entry = match ev.view::<dyn Audited>() {
        Some(saga) => entry_of(saga, output, outcome, context, clock.now(), &key),
        None => entry_of(&Named(ev.event()), output, outcome, context, clock.now(), &key),
    };
    match entry {
        Some(entry) => ev.dispatch(RecordAudit { entry }).await,
        None => Ok(()),
    }
}

/// Leaves an entry in the audit of a check that refused.
///
/// # Errors
///
/// When it cannot be left; that is logged, and changes nothing.
pub async fn audit_refusal<E: Event + Audited>(
    mut ev: Observe<'_, E>,
    clock: Inject<'_, dyn Clock>,
    key: Inject<'_, AuditKey>,
) -> Result<()> {
    let Outcome::Failed(error) = ev.outcome() else { return Ok(()) };
    let outcome = AuditOutcome::Failure { code: code_of(error) };
    let entry = entry_of(&*ev, None, outcome, ev.context(), clock.now(), &key);
    match entry {
        Some(entry) => ev.dispatch(RecordAudit { entry }).await,
        None => Ok(()),
    }
}

/// A saga that says nothing of itself: its name.
struct Named(&'static str);

impl Audited for Named {
    fn action(&self) -> Option<&'static str> {
        Some(self.0)
    }
}

fn entry_of(
    event: &dyn Audited,
    output: Option<&dyn Any>,
    outcome: AuditOutcome,
    context: &Context,
    at: OffsetDateTime,
    key: &AuditKey,
) -> Option<AuditEntry> {
    let action = event.action()?;
    let signed_in = || context.get::<CurrentSession>().map(|current| current.user.id);
    let tried = context.remove::<TriedAccount>().filter(|_| output.is_none());
    Some(AuditEntry {
        at,
        action,
        user_id: event.user_id(output).or_else(signed_in),
        about: event.about().or(tried.map(|TriedAccount(user_id)| user_id)),
        account: event.identifier().map(|identifier| key.digest(identifier)),
        session_id: event.session_id(output),
        role: event.role().cloned(),
        device: device(context),
        request_id: request_id(context),
        outcome,
    })
}

fn outcome_of(outcome: Outcome<'_>) -> AuditOutcome {
    match outcome {
        Outcome::Completed(()) => AuditOutcome::Success,
        Outcome::Prevented { by, .. } => AuditOutcome::Prevented { by: by.to_owned() },
        Outcome::Failed(error) => AuditOutcome::Failure { code: code_of(error) },
    }
}

/// The account that something was after which may still fail, such as a login with a wrong password.
///
/// # Rule
///
/// ASVS 5.0 item 16.3.1: of attempts that failed it is known as well whose account they were after.
#[derive(Clone, Copy)]
pub(super) struct TriedAccount(pub(super) UserId);

/// The code of an error, or of what is wrong with the content of the request, each once.
fn code_of(error: &Error) -> String {
    if error.violations().is_empty() || error.code() != error.kind().default_code() {
        return error.code().to_owned();
    }
    let mut codes: Vec<_> = error.violations().iter().map(|violation| violation.code()).collect();
    codes.sort_unstable();
    codes.dedup();
    codes.join(",")
}

/// What the proxies in front, or the client, call the request.
fn request_id(context: &Context) -> Option<RequestId> {
    context.request()?.headers.get("x-request-id")?.to_str().ok()?.parse().ok()
}

/// Writes an entry of the audit to the log.
///
/// # Errors
///
/// When its time cannot be written.
pub fn write_audit(ev: DefaultAction<'_, RecordAudit>) -> Result<()> {
    let entry = &ev.entry;
    let at = entry.at.format(&Rfc3339)?;
    let by = match &entry.outcome {
        AuditOutcome::Prevented { by } => Some(by.as_str()),
        _ => None,
    };
    tracing::info!(
        target: "dullahan::audit",
        at,
        action = entry.action,
        user_id = entry.user_id.map(tracing::field::display),
        about = entry.about.map(tracing::field::display),
        account = entry.account.map(tracing::field::display),
        session_id = entry.session_id.map(tracing::field::display),
        role = entry.role.as_ref().map(Role::as_str),
        address = entry.device.address().map(tracing::field::display),
        user_agent = entry.device.user_agent(),
        request_id = entry.request_id.as_ref().map(RequestId::as_str),
        outcome = entry.outcome.as_str(),
        code = entry.outcome.code(),
        by,
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use dullahan_core::{Error, ErrorKind, Violation};

    use super::code_of;

    #[test]
    fn user_14_a_wrong_password_and_a_weak_one_are_told_apart() {
        let invalid = |codes: &[&'static str]| {
            code_of(&Error::invalid(codes.iter().map(|code| Violation::new("/password", *code))))
        };
        assert_eq!(invalid(&["wrong_password"]), "wrong_password");
        assert_eq!(
            invalid(&["too_short", "invalid_email", "too_short"]),
            "invalid_email,too_short"
        );
        assert_eq!(invalid(&[]), "invalid");
        let coded = Error::invalid([Violation::new("/a", "b")]).with_code("token_invalid");
        assert_eq!(code_of(&coded), "token_invalid");
        assert_eq!(code_of(&Error::new(ErrorKind::TooManyRequests)), "too_many_requests");
    }
}
