//! A visitor asks for a mail.

use dullahan_core::{Process, Saga};

use crate::domain::{Audited, EmailAddress, MailRequest, MailRequestKind};

/// A visitor asks for the activation mail once more.
///
/// Its default runs [`ThrottleClient`](super::ThrottleClient) and [`RequestMailProcess`].
#[derive(Debug, Saga)]
#[event(output = (), preventable, views(dyn Audited))]
pub struct ResendActivationSaga {
    /// The address that was registered.
    pub email: EmailAddress,
}

/// A visitor has forgotten the password.
///
/// Its default runs [`ThrottleClient`](super::ThrottleClient) and [`RequestMailProcess`].
#[derive(Debug, Saga)]
#[event(output = (), preventable, views(dyn Audited))]
pub struct ForgotPasswordSaga {
    /// The address of the account.
    pub email: EmailAddress,
}

/// What a visitor asks for is written down; nobody looks yet whose address it is.
///
/// # Rule
///
/// ASVS 5.0 item 6.3.8: a known and an unknown address cost the same and get the same answer.
#[derive(Debug, Clone, Process)]
#[event(output = (), preventable, repeatable)]
pub struct RequestMailProcess {
    /// The address, as typed.
    pub email: EmailAddress,
    /// What it is asked for.
    pub kind: MailRequestKind,
}

/// A worker takes the oldest request for a mail and owes the mail, if there is a user to get it. Where somebody holds the
/// address of a registration, the mail tells them so, and [`DropPendingUsers`](super::DropPendingUsers) runs.
///
/// Its output is the request; `None` if there was none.
#[derive(Debug, Clone, Process)]
#[event(output = Option<MailRequest>, preventable, repeatable)]
pub struct AnswerMailRequestProcess {
    /// How many of the oldest are left alone, as they could not be answered just now.
    pub skip: u32,
}
