//! The wiring of a logout, and of ending other sessions.

use dullahan_core::CoreBuilder;

use crate::{
    application::functor::{
        CloseSession, FindSessions, RevokeSession, RevokeSessions, list_sessions, log_out,
        revoke_other_sessions, revoke_session, serialize_session,
    },
    presentation::event::transport::{
        CloseSessionProcess, ListSessions, ListSessionsSaga, LogOutSaga, RevokeOtherSessionsSaga,
        RevokeSessionProcess, RevokeSessionSaga, RevokeSessionsProcess, SerializeSession,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<LogOutSaga>().default(log_out);
    core.declare::<CloseSessionProcess>().default(CloseSession::new);
    core.declare::<ListSessionsSaga>().default(list_sessions);
    core.declare::<ListSessions>().default(FindSessions::new);
    core.declare::<SerializeSession>().default(serialize_session);
    core.declare::<RevokeSessionSaga>().default(revoke_session);
    core.declare::<RevokeSessionProcess>().default(RevokeSession::new);
    core.declare::<RevokeOtherSessionsSaga>().default(revoke_other_sessions);
    core.declare::<RevokeSessionsProcess>().default(RevokeSessions::new);
}
