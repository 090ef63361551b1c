//! Somebody registered an address that has an account.

use dullahan_core::Process;

use crate::domain::EmailAddress;

/// Somebody registered an address that has an account already, so its owner is told, by mail.
///
/// Its default runs [`DropUnprovenPassword`](super::DropUnprovenPassword): a pending account has no password from then on,
/// and the mail lets the owner of the mailbox choose one, unless it was registered just before. Whatever mail it is goes out at most once within
/// [`Settings::mail_pause`](crate::domain::Settings::mail_pause), so that nobody can flood a mailbox. Where the existence of
/// an account is no secret, an active one gets no mail: the answer has told already.
#[derive(Debug, Clone, Process)]
#[event(output = (), preventable, repeatable)]
pub struct NotifyTakenAddressProcess {
    /// The address.
    pub email: EmailAddress,
}
