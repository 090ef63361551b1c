//! Trying too often is refused.

use dullahan_core::{Event, Process};

use time::OffsetDateTime;

use crate::domain::{AttemptKey, AttemptLimit, ClientAction, CountedAttempt};

/// A client asks for something that needs no session, and is limited by its address. What it asks for is counted; a failure is
/// not, but refused after too many of its kind.
///
/// The address is that of the context; a job has none and is not limited.
#[derive(Debug, Clone, Copy, Event)]
#[event(output = (), preventable)]
pub struct ThrottleClient {
    /// What it asks for, or might fail in.
    pub action: ClientAction,
}

/// A client has failed, which is counted by its address: it tried a password in vain, or a token.
///
/// # Rule
///
/// ASVS 5.0 items 2.4.1 and 6.1.1.
#[derive(Debug, Clone, Event)]
#[event(output = (), preventable)]
pub struct CountClientFailure {
    /// In what it failed.
    pub action: ClientAction,
    /// Whose password it tried. Of failures at one account, one counts.
    pub key: Option<AttemptKey>,
}

/// A try is counted by account, in a unit of work of its own, before what is tried begins.
///
/// # Rule
///
/// ASVS 5.0 items 6.3.1 and 15.4.2: the count is atomic, so trying at once is no way around it.
#[derive(Debug, Clone, Process)]
#[event(output = CountedAttempt, preventable, repeatable)]
pub struct CountAttemptProcess {
    /// What is counted.
    pub key: AttemptKey,
    /// How often it may be tried.
    pub limit: AttemptLimit,
}

/// A try that was counted is given back, in a unit of work of its own: the service has failed. Nobody had the time to look at
/// the password, the request took longer than its time limit, or the password was the right one and its session could not be
/// stored.
///
/// A try whose client went away stays counted. Its output says whether there was anything to give back: there is not once
/// counting has begun anew.
#[derive(Debug, Clone, Process)]
#[event(output = bool, preventable, repeatable)]
pub struct GiveBackAttemptProcess {
    /// What was counted.
    pub key: AttemptKey,
    /// The end of the time in which it was.
    pub over_at: OffsetDateTime,
}

/// The tries of somebody who succeeded are forgotten.
#[derive(Debug, Clone, Process)]
#[event(output = (), preventable, repeatable)]
pub struct ForgetAttemptsProcess {
    /// What was counted.
    pub key: AttemptKey,
}
