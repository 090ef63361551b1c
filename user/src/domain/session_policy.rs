//! How long a session lives, and how many there are.

use std::time::Duration;

use time::OffsetDateTime;

use crate::domain::{Check, Session, after};

/// The shortest life of a session that a client can be told, which is told in whole seconds.
const LEAST: Duration = Duration::from_secs(1);

/// How long a session lives: by default 24 hours since it was last used, and 30 days in all. An account has 50 at most.
///
/// # Rule
///
/// - ASVS 5.0 items 7.3.1 and 7.3.2: there is an inactivity timeout and an absolute one, checked here and not
///   in the client.
/// - NIST SP 800-63B-4 section 2.1.3 (AAL1, which is what a password alone gives): the absolute timeout
///   should be no more than 30 days; an inactivity timeout is not required. This policy has one all the
///   same, of a day, so that a machine left behind is not signed in for a month.
/// - NIST SP 800-63B-4 section 2.2.3 (AAL2) asks for no more than 1 hour and 24 hours, and the OWASP Session
///   Management Cheat Sheet for 15 to 30 minutes and 4 to 8 hours for work of low risk, less for more.
///   What is worth more than a shop account should set these.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SessionPolicy {
    idle: Duration,
    absolute: Duration,
    touch_every: Duration,
    most: u32,
}

impl SessionPolicy {
    /// Sets how long an unused session lives: 24 hours unless set.
    #[must_use]
    pub const fn with_idle(mut self, idle: Duration) -> Self {
        self.idle = idle;
        self
    }

    /// Sets how long any session lives: 30 days unless set.
    #[must_use]
    pub const fn with_absolute(mut self, absolute: Duration) -> Self {
        self.absolute = absolute;
        self
    }

    /// Sets how often the use of a session is written down: each minute unless set.
    ///
    /// Rarer than twice in the idle time has no effect, since a session in use must not end as unused.
    #[must_use]
    pub const fn with_touch_every(mut self, touch_every: Duration) -> Self {
        self.touch_every = touch_every;
        self
    }

    /// A line for each field.
    pub(crate) fn check_settings(&self, check: &mut Check) {
        // Any time will do: it is shortened to half of the idle time.
        let Self { idle, absolute, touch_every: _, most } = *self;
        let reason = "a session ends before it can be used";
        check.at_least("idle", idle, LEAST, reason);
        check.at_least("absolute", absolute, LEAST, reason);
        let advice = format!(
            "no session lives longer than `absolute`, {absolute:?}; set it to that or less"
        );
        check.expect("idle", idle, idle <= absolute, advice);
        check.at_least("most", most, 1, "nobody could sign in");
    }

    /// Sets how many sessions an account has at most: 50 unless set. One that begins ends those that were not used for the
    /// longest time.
    ///
    /// A user sees no more of them in the list and in the export, so where the limit is lowered those that exist are
    /// ended at the next login.
    #[must_use]
    pub const fn with_most(mut self, most: u32) -> Self {
        self.most = most;
        self
    }

    /// How many sessions an account has at most; one that begins is never one too many.
    pub const fn most(&self) -> u32 {
        if self.most == 0 { 1 } else { self.most }
    }

    /// How long an unused session lives.
    pub const fn idle(&self) -> Duration {
        self.idle
    }

    /// How long any session lives.
    pub const fn absolute(&self) -> Duration {
        self.absolute
    }

    /// How often the use of a session is written down.
    pub fn touch_every(&self) -> Duration {
        self.touch_every.min(self.idle / 2)
    }

    /// When a session that begins now ends, however busy it is.
    pub fn expires_at(&self, now: OffsetDateTime) -> OffsetDateTime {
        after(now, self.absolute)
    }

    /// Whether the session still admits its user.
    ///
    /// The session's own end counts, and so does this policy: one that has become stricter since ends older
    /// sessions at once. One that began in the future, by a clock that was set back since, is live if it did by no more than the
    /// idle time; so none lives longer than the absolute time and the idle time together.
    pub fn is_live(&self, session: &Session, now: OffsetDateTime) -> bool {
        now < session.expires_at
            && session.created_at - now <= self.idle
            && now - session.created_at < self.absolute
            && now - session.last_seen_at < self.idle
    }

    /// Whether the use of the session is to be written down again; also if it was by a clock that was ahead.
    pub fn must_touch(&self, session: &Session, now: OffsetDateTime) -> bool {
        (now - session.last_seen_at).unsigned_abs() >= self.touch_every()
    }
}

impl Default for SessionPolicy {
    fn default() -> Self {
        Self {
            idle: Duration::from_hours(24),
            absolute: Duration::from_hours(30 * 24),
            touch_every: Duration::from_mins(1),
            most: 50,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use time::{OffsetDateTime, macros::datetime};

    use crate::domain::{Session, SessionId, SessionPolicy, SessionTransport, UserId};

    const START: OffsetDateTime = datetime!(2026-01-01 00:00:00 UTC);
    const MILLISECOND: Duration = Duration::from_millis(1);

    fn session(policy: SessionPolicy) -> Session {
        Session {
            id: SessionId::new(),
            user_id: UserId::new(),
            transport: SessionTransport::Cookie,
            created_at: START,
            authenticated_at: START,
            last_seen_at: START,
            expires_at: policy.expires_at(START),
        }
    }

    #[test]
    fn ses_04_an_unused_session_ends() {
        let policy = SessionPolicy::default();
        let session = session(policy);
        assert!(policy.is_live(&session, START));
        assert!(policy.is_live(&session, START + policy.idle() - MILLISECOND));
        assert!(!policy.is_live(&session, START + policy.idle()));
    }

    #[test]
    fn ses_04_a_busy_session_ends_too() {
        let policy = SessionPolicy::default();
        let mut session = session(policy);
        let end = START + policy.absolute();
        assert_eq!(session.expires_at, end);
        session.last_seen_at = end - MILLISECOND;
        assert!(policy.is_live(&session, end - MILLISECOND));
        assert!(!policy.is_live(&session, end));
    }

    #[test]
    fn a_stricter_policy_ends_older_sessions() {
        let policy = SessionPolicy::default();
        let mut session = session(policy);
        let now = START + Duration::from_hours(2);
        session.last_seen_at = now;
        assert!(policy.is_live(&session, now));
        assert!(!policy.with_absolute(Duration::from_hours(1)).is_live(&session, now));
        session.expires_at = now;
        assert!(!policy.is_live(&session, now));
    }

    #[test]
    fn use_is_written_down_once_in_a_while() {
        let policy = SessionPolicy::default();
        let session = session(policy);
        assert!(!policy.must_touch(&session, START));
        assert!(!policy.must_touch(&session, START + policy.touch_every() - MILLISECOND));
        assert!(policy.must_touch(&session, START + policy.touch_every()));
    }

    #[test]
    fn a_session_in_use_does_not_end_as_unused() {
        let policy = SessionPolicy::default()
            .with_idle(Duration::from_secs(60))
            .with_touch_every(Duration::MAX);
        let mut session = session(policy);
        // Used each second, well beyond the idle time.
        for second in 1..300 {
            let now = START + Duration::from_secs(second);
            assert!(policy.is_live(&session, now));
            if policy.must_touch(&session, now) {
                session.last_seen_at = now;
            }
        }
    }

    #[test]
    fn a_clock_that_went_back_ends_no_session_and_writes_nothing() {
        let policy = SessionPolicy::default();
        let session = session(policy);
        let before = START - Duration::from_secs(5);
        assert!(policy.is_live(&session, before));
        assert!(!policy.must_touch(&session, before));
    }

    #[test]
    fn pub_06_a_clock_that_was_ahead_prolongs_a_session_by_the_idle_time_at_most() {
        let policy = SessionPolicy::default();
        let session = session(policy);
        assert!(policy.is_live(&session, START - policy.idle()));
        assert!(!policy.is_live(&session, START - policy.idle() - MILLISECOND));
        // Its use is written down, so that the idle time counts again.
        assert!(policy.must_touch(&session, START - policy.touch_every()));
    }

    #[test]
    fn durations_beyond_all_time_do_not_overflow() {
        let policy = SessionPolicy::default().with_absolute(Duration::MAX).with_idle(Duration::MAX);
        let session = session(policy);
        assert!(session.expires_at > datetime!(9999-01-01 0:00 UTC));
        assert!(policy.is_live(&session, datetime!(9999-01-01 0:00 UTC)));
    }
}
