//! A mail becomes owed.

use dullahan_core::Event;

use crate::domain::NewMail;

/// A mail becomes owed, in the unit of work of whatever owes it; it is sent after the commit.
///
/// Its output says whether it is owed because of this: a mail of the same kind to the same mailbox within the
/// time of [`Settings::mail_pause`](crate::domain::Settings::mail_pause) is not owed again, unless it tells of a change.
#[derive(Debug, Event)]
#[event(output = bool, preventable)]
pub struct OweMail {
    /// Who gets it, and what it is to say.
    pub mail: NewMail,
}
