//! The identifier of an owed mail.

use crate::domain::id::id;

id! {
    /// The identifier of an [`OwedMail`](crate::domain::OwedMail).
    MailId
}
