//! What an event says of itself to the audit.

use std::any::Any;

use super::{Role, SessionId, UserId};

/// What an event says of itself to the audit. A saga offers it as a view, `#[event(views(dyn Audited))]`; one that does not
/// is audited by its name alone.
///
/// `output` is the output of the event, `None` if it failed.
pub trait Audited {
    /// What it is called in the audit; `None` for one that leaves no entry.
    fn action(&self) -> Option<&'static str>;

    /// Who is acting, as far as the event or its output say.
    fn user_id(&self, _output: Option<&dyn Any>) -> Option<UserId> {
        None
    }

    /// About whom it is, where that is not who acts.
    fn about(&self) -> Option<UserId> {
        None
    }

    /// The address that it is about, or what was typed in its place.
    fn identifier(&self) -> Option<&str> {
        None
    }

    /// About which session it is.
    fn session_id(&self, _output: Option<&dyn Any>) -> Option<SessionId> {
        None
    }

    /// About which role it is.
    fn role(&self) -> Option<&Role> {
        None
    }
}
