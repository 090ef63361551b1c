//! Somebody signs out.

use dullahan_core::{Process, Saga};

use crate::domain::{Audited, SessionId};

/// Somebody signs out; the session is over.
#[derive(Debug, Saga)]
#[event(output = (), preventable, views(dyn Audited))]
pub struct LogOutSaga {
    /// The session.
    pub session_id: SessionId,
}

/// A session is removed, so that its token leads nowhere.
#[derive(Debug, Clone, Process)]
#[event(output = (), preventable, repeatable)]
pub struct CloseSessionProcess {
    /// The session.
    pub session_id: SessionId,
}
