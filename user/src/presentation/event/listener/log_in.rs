//! The wiring of a login, and of the requests that follow it.

use dullahan_core::{CoreBuilder, Priority};

use crate::{
    application::functor::{
        FindCredentials, FindSession, LogIn, OpenSession, ReplacePasswordHash, TouchSession,
        VerifyWithHasher, remember_current_session,
    },
    presentation::event::transport::{
        LoadCredentials, LogInSaga, OpenSessionProcess, ReplacePasswordHashProcess, ResolveSession,
        TouchSessionProcess, VerifyPassword,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<LogInSaga>().default(LogIn);
    core.declare::<LoadCredentials>().default(FindCredentials::new);
    core.declare::<VerifyPassword>().default(VerifyWithHasher::new);
    core.declare::<ReplacePasswordHashProcess>().default(ReplacePasswordHash::new);
    core.declare::<OpenSessionProcess>().default(OpenSession::new);
    core.declare::<ResolveSession>()
        .default(FindSession::new)
        .after(Priority::LAST, remember_current_session);
    core.declare::<TouchSessionProcess>().default(TouchSession::new);
}
