//! A mail that is owed is sent.

use dullahan_core::{Event, Process, Saga};

use crate::domain::{
    Audited, EmailAddress, EmailChangeId, MailId, MailMessage, MailOutcome, OwedMail, Token,
    TokenPurpose, UserId,
};

/// The next mail that is owed is sent. Its output says whether there was one.
///
/// Sending works off what was committed: a mail is claimed in one unit of work, its token minted and stored as
/// a digest in another, and it is noted as sent only once the mailer has taken it. So a crash at any point
/// delays a mail, or sends it twice, and never loses it. What is refused for good, or was tried too often, is
/// given up and kept as failed.
#[derive(Debug, Saga)]
#[event(output = bool, preventable, views(dyn Audited))]
pub struct DeliverMailSaga {}

/// The next mail that is due is claimed, for as long as sending may take.
#[derive(Debug, Clone, Process)]
#[event(output = Option<OwedMail>, preventable, repeatable)]
pub struct ClaimMailProcess {}

/// A mail that was claimed is counted for its mailbox, before its token is minted. Its output says whether it may go out: not
/// if the mailbox has had one of its kind within [`Settings::mail_pause`](crate::domain::Settings::mail_pause), or as many as
/// [`Settings::mailbox_limit`](crate::domain::Settings::mailbox_limit) allows, unless it tells of a change. One that may not
/// is forgotten. A mail is asked about until it is admitted, and not for another attempt to send it.
///
/// A listener that limits mails in its own way sees the mailbox here, and calls `replace(false)`.
#[derive(Debug, Clone, Process)]
#[event(output = bool, preventable, repeatable)]
pub struct AdmitMailProcess {
    /// What is owed, and where it goes.
    pub mail: OwedMail,
}

/// A one-time token is minted; the store gets its digest.
#[derive(Debug, Clone, Process)]
#[event(output = Token, preventable, repeatable)]
pub struct MintTokenProcess {
    /// The mail that it goes into, which has to be owed still.
    pub mail: MailId,
    /// Whose it is.
    pub user_id: UserId,
    /// The mailbox that it goes to. Where what it allows is for whoever has the mailbox of the account, it has to be that:
    /// the account may have got another one since the mail was claimed.
    pub email: EmailAddress,
    /// What it allows.
    pub purpose: TokenPurpose,
    /// Which change of an address it is about, if it is about one.
    pub email_change_id: Option<EmailChangeId>,
}

/// A mail is written. Prevent it and respond to write it your own way.
#[derive(Debug, Event)]
#[event(output = MailMessage, preventable)]
pub struct ComposeMail {
    /// What is owed.
    pub mail: OwedMail,
    /// The token it carries, if its kind has one.
    pub token: Option<Token>,
}

/// A mail is handed over to the mailer.
#[derive(Debug, Event)]
#[event(output = (), preventable)]
pub struct SendMail {
    /// The mail.
    pub message: MailMessage,
}

/// What came of sending a mail is written down. Listen to it to hear of mails that were given up.
#[derive(Debug, Clone, Process)]
#[event(output = (), preventable, repeatable)]
pub struct SettleMailProcess {
    /// Which mail.
    pub id: MailId,
    /// How often it had been tried before.
    pub attempts: u32,
    /// What came of it.
    pub outcome: MailOutcome,
}
