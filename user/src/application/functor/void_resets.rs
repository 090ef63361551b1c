//! Mails for choosing a new password are void once a password was chosen.

use dullahan_core::{Context, Result};

use crate::{
    domain::{EmailAddress, MailKind, UserId},
    port::MailQueue,
};

/// Withdraws what was asked for before somebody changed what they sign in with: the mail for choosing a new password that
/// is not sent yet, and requests for one. Tokens that were sent are the business of the caller.
///
/// # Errors
///
/// When the store fails.
pub(super) async fn withdraw_resets(
    queue: &dyn MailQueue,
    context: &Context,
    user_id: UserId,
    email: &EmailAddress,
) -> Result<()> {
    queue.withdraw(context, user_id, MailKind::PasswordReset).await?;
    queue.delete_requests(context, email).await?;
    Ok(())
}
