//! Mails for choosing a new password are void once a password was chosen.

use dullahan_core::{DefaultAction, Event, Result};

use crate::{
    application::functor::admit_mail::end_pauses,
    domain::{EmailAddress, MailKind, UserId},
    port::MailQueue,
};

/// Withdraws what was asked for before somebody changed what they sign in with: the mail for choosing a new password that
/// is not sent yet, and requests for one. Who asks for another gets it, as no token is good any more. Tokens that were sent
/// are the business of the caller.
///
/// # Errors
///
/// When the store fails.
pub(super) async fn withdraw_resets<E: Event>(
    ev: &mut DefaultAction<'_, E>,
    queue: &dyn MailQueue,
    user_id: UserId,
    email: &EmailAddress,
) -> Result<()> {
    queue.withdraw(ev.context(), user_id, MailKind::PasswordReset).await?;
    queue.delete_requests(ev.context(), email).await?;
    end_pauses(ev, email, &[MailKind::PasswordReset]).await
}
