//! The identifier of a session.

use crate::domain::id::id;

id! {
    /// The identifier of a session, by which its user lists and revokes it.
    ///
    /// It admits nobody: only the session's [`Token`](crate::domain::Token) does.
    SessionId
}
