//! The wiring of a login, and of the requests that follow it.

use dullahan_core::{CoreBuilder, ListenerOptions as _, Priority};

use crate::{
    application::functor::{
        CountAttempt, CountFailureByAddress, FindCredentials, FindSession, ForgetAttempts,
        GiveBackAttempt, LogIn, OpenSession, ReplacePasswordHash, ThrottleByAddress, TouchSession,
        VerifyWithHasher, audit_refusal, check_forgery, forget_attempts, remember_current_session,
    },
    presentation::event::transport::{
        CheckForgery, CountAttemptProcess, CountClientFailure, ForgetAttemptsProcess,
        GiveBackAttemptProcess, LoadCredentials, LogInSaga, OpenSessionProcess,
        ReplacePasswordHashProcess, ResolveSession, ThrottleClient, TouchSessionProcess,
        VerifyPassword,
    },
};

pub(super) fn register(core: &mut CoreBuilder) {
    core.declare::<LogInSaga>().default(LogIn::new);
    core.declare::<ThrottleClient>().default(ThrottleByAddress::new);
    core.declare::<CountClientFailure>().default(CountFailureByAddress::new);
    core.declare::<CountAttemptProcess>().default(CountAttempt::new);
    core.declare::<GiveBackAttemptProcess>().default(GiveBackAttempt::new);
    core.declare::<LoadCredentials>().default(FindCredentials::new);
    core.declare::<VerifyPassword>().default(VerifyWithHasher::new);
    core.declare::<ReplacePasswordHashProcess>().default(ReplacePasswordHash::new);
    core.declare::<OpenSessionProcess>()
        .default(OpenSession::new)
        .after(forget_attempts.priority(Priority::LAST));
    core.declare::<ForgetAttemptsProcess>().default(ForgetAttempts::new);
    core.declare::<ResolveSession>()
        .default(FindSession::new)
        .after(remember_current_session.priority(Priority::LAST));
    core.declare::<TouchSessionProcess>().default(TouchSession::new);
    core.declare::<CheckForgery>().default(check_forgery).observe(audit_refusal::<CheckForgery>);
}
