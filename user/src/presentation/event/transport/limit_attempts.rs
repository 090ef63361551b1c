//! Trying too often is refused.

use dullahan_core::{Event, Process};

use time::OffsetDateTime;

use crate::domain::{AttemptKey, AttemptLimit, CountedAttempt};

/// A client asks for something that needs no session; it is counted by the client's address.
///
/// The address is that of the context; a job has none and is not limited.
#[derive(Debug, Event)]
#[event(output = (), preventable)]
pub struct ThrottleClient {}

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

/// A try that was counted is given back, in a unit of work of its own: nobody has looked at the password, because too many
/// others were waiting to be looked at.
///
/// What was begun stays counted, and so does a try whose client went away. Its output says whether there was anything to
/// give back: there is not once counting has begun anew.
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
