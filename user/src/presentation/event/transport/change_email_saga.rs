//! An address is changed, once both mailboxes have agreed.

use dullahan_core::{Event, Process, Saga};

use crate::domain::{
    Audited, CurrentSession, EmailAddress, EmailChange, EmailConfirmation, Token, TokenDigest,
    User, UserId,
};

/// A user asks for another address.
///
/// Its default runs [`RequireRecentAuthentication`], [`CountAttemptProcess`] and [`RequestEmailChangeProcess`].
///
/// # Rule
///
/// ASVS 5.0 items 6.3.8 and 7.5.1: a free and a taken address get the same answer.
///
/// [`RequireRecentAuthentication`]: super::RequireRecentAuthentication
/// [`CountAttemptProcess`]: super::CountAttemptProcess
#[derive(Debug, Saga)]
#[event(output = (), preventable, views(dyn Audited))]
pub struct RequestEmailChangeSaga {
    /// The session.
    pub current: CurrentSession,
    /// What the address is to become.
    pub email: EmailAddress,
}

/// The change is written down in the place of an earlier one, and a mail to either mailbox is owed. The present one has
/// agreed already where [`Settings::email_change_needs_current`](crate::domain::Settings::email_change_needs_current) is
/// off.
#[derive(Debug, Clone, Process)]
#[event(output = EmailChange, preventable, repeatable)]
pub struct RequestEmailChangeProcess {
    /// Whose address it is to change.
    pub user: User,
    /// What the address is to become.
    pub email: EmailAddress,
}

/// A mailbox agrees to a change of the address, by the token of the mail it got.
/// When both have, the address is changed.
///
/// Its default runs [`ThrottleClient`](super::ThrottleClient) and [`ConfirmEmailChangeProcess`].
#[derive(Debug, Saga)]
#[event(output = EmailConfirmation, preventable, views(dyn Audited))]
pub struct ConfirmEmailChangeSaga {
    /// The token; `None` for one that has not even the form of a token.
    pub token: Option<Token>,
}

/// The token is used up and the agreement written down; the last one runs [`ChangeEmail`].
#[derive(Debug, Clone, Process)]
#[event(output = EmailConfirmation, preventable, repeatable)]
pub struct ConfirmEmailChangeProcess {
    /// The digest of the token.
    pub digest: TokenDigest,
}

/// The user gets the address.
///
/// In the same unit of work all sessions end, and a mail is owed that tells the former mailbox.
#[derive(Debug, Event)]
#[event(output = User, preventable)]
pub struct ChangeEmail {
    /// Whose address it is.
    pub user_id: UserId,
    /// What it becomes.
    pub email: EmailAddress,
}

/// Either mailbox stops a change of the address. Its output says whose it was.
///
/// Its default runs [`ThrottleClient`](super::ThrottleClient) and [`CancelEmailChangeProcess`].
#[derive(Debug, Saga)]
#[event(output = UserId, preventable, views(dyn Audited))]
pub struct CancelEmailChangeSaga {
    /// The token; `None` for one that has not even the form of a token.
    pub token: Option<Token>,
}

/// The change is deleted, and its tokens with it. Its output says whose it was.
///
/// Where the present mailbox says so, somebody else has got into the account. So in the same unit of work all sessions
/// end, the password goes, and a mail is owed with which the owner chooses another one.
#[derive(Debug, Clone, Process)]
#[event(output = UserId, preventable, repeatable)]
pub struct CancelEmailChangeProcess {
    /// The digest of the token.
    pub digest: TokenDigest,
}
