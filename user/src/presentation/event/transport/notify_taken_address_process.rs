//! Somebody registered an address that has an account.

use dullahan_core::Process;

use crate::domain::EmailAddress;

/// Somebody registered an address that has an account already, so its owner is told, by mail.
///
/// A pending account gets its activation mail once more instead. Either goes out at most once within
/// [`Settings::mail_pause`](crate::domain::Settings::mail_pause), so that nobody can flood a mailbox.
#[derive(Debug, Clone, Process)]
#[event(output = (), preventable, repeatable)]
pub struct NotifyTakenAddressProcess {
    /// The address.
    pub email: EmailAddress,
}
