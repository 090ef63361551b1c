//! How often something may be tried.

use std::time::Duration;

use sha2::{Digest, Sha256};
use time::OffsetDateTime;

use crate::domain::{Check, DeviceMark, EmailAddress, MailKind, UserId, after};

/// How often something may be tried within a time: so many tries, counted from the first one on.
///
/// # Rule
///
/// ASVS 5.0 items 6.3.1 and 6.1.1, NIST SP 800-63B-4 section 3.2.2: guessing is limited by account. The limit
/// keeps new logins away for a while and ends no session, so nobody can lock an owner out who is signed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AttemptLimit {
    /// How many tries there are.
    pub attempts: u32,
    /// After how long, from the first of them on, there are as many again.
    pub within: Duration,
}

impl AttemptLimit {
    /// So many tries within so long.
    pub const fn new(attempts: u32, within: Duration) -> Self {
        Self { attempts, within }
    }

    /// A line for each field.
    pub(crate) fn check_settings(&self, check: &mut Check) {
        let Self { attempts, within } = *self;
        check.at_least("attempts", attempts, 1, "nobody could try even once");
        let second = Duration::from_secs(1);
        check.at_least("within", within, second, "the count would begin anew at once");
    }

    /// When the time is over whose first try is now. A time that is over later began in the future, as the clock was set
    /// back since; it counts as one that begins now.
    pub fn over_at(&self, now: OffsetDateTime) -> OffsetDateTime {
        after(now, self.within)
    }

    /// Whether a try may be made that is the n-th of a time, counted from 1, which is over then.
    pub fn judge(&self, n: u64, over_at: OffsetDateTime, now: OffsetDateTime) -> Attempt {
        if n <= u64::from(self.attempts) {
            return Attempt::Allowed;
        }
        // No longer than the limit says, even if a clock was ahead when the first one was counted.
        let retry_after = Duration::try_from(over_at - now).unwrap_or_default().min(self.within);
        Attempt::Refused { retry_after }
    }
}

/// What tries are counted for: one kind of thing, done to one account.
///
/// It is a digest, so that a store of failed logins is no list of addresses, and of passwords that were typed
/// into the wrong field.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct AttemptKey([u8; 32]);

impl AttemptKey {
    /// Tries to prove to be the user of an identifier, whether there is one or not.
    pub fn of_identifier(identifier: &str) -> Self {
        match EmailAddress::for_lookup(identifier) {
            Ok(email) => Self::of("identifier", email.key().as_bytes()),
            Err(_) => Self::of("identifier", identifier.as_bytes()),
        }
    }

    /// Tries to prove to be this user with its address: those of its identifier.
    pub fn of_address(email: &EmailAddress) -> Self {
        Self::of("identifier", email.key().as_bytes())
    }

    /// Tries to sign in on a device that has done so before.
    pub fn of_device(mark: &DeviceMark) -> Self {
        Self::of("device", &mark.digest())
    }

    /// Tries of somebody who is signed in to prove the password.
    pub fn of_proof(user_id: UserId) -> Self {
        Self::of_user(user_id, "proof")
    }

    /// Tries of a user to do something.
    pub fn of_user(user_id: UserId, what: &'static str) -> Self {
        Self::of(what, user_id.as_uuid().as_bytes())
    }

    /// Mails of a kind to a mailbox, whatever account they are about.
    ///
    /// A mail to an address that another account is to have counts alike whether somebody holds that address or not.
    pub fn of_mails(email: &EmailAddress, kind: MailKind) -> Self {
        let kind = match kind {
            MailKind::EmailChangeTaken => MailKind::EmailChangeNew,
            kind => kind,
        };
        let who = format!("{}\0{}", kind.as_str(), email.mailbox_key());
        Self::of("mails of a kind", who.as_bytes())
    }

    /// All mails to a mailbox.
    pub fn of_mailbox(email: &EmailAddress) -> Self {
        Self::of("mails", email.mailbox_key().as_bytes())
    }

    fn of(what: &'static str, who: &[u8]) -> Self {
        let digest = Sha256::new()
            .chain_update(b"dullahan attempts v1\0")
            .chain_update(what)
            .chain_update(b"\0")
            .chain_update(who);
        Self(digest.finalize().into())
    }

    /// The form in which a store keeps it.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl std::fmt::Debug for AttemptKey {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("AttemptKey(…)")
    }
}

/// What came of asking to try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub enum Attempt {
    /// It may be tried; it is counted already.
    Allowed,
    /// It was tried too often.
    Refused {
        /// When to try again.
        retry_after: Duration,
    },
}

/// A try that the store was asked about, and the time in which it counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub struct CountedAttempt {
    /// What came of asking. One that is refused is not counted.
    pub attempt: Attempt,
    /// When counting begins anew. It tells this time from later ones, if the try is given back.
    pub over_at: OffsetDateTime,
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use time::macros::datetime;

    use crate::domain::{Attempt, AttemptKey, AttemptLimit, UserId};

    #[test]
    fn who_has_tried_too_often_is_told_when_to_come_back() {
        let limit = AttemptLimit::new(2, Duration::from_secs(60));
        let now = datetime!(2026-01-02 03:04:05 UTC);
        let over_at = limit.over_at(now);
        assert_eq!(over_at, datetime!(2026-01-02 03:05:05 UTC));
        assert_eq!(limit.judge(2, over_at, now), Attempt::Allowed);
        let refused = |seconds| Attempt::Refused { retry_after: Duration::from_secs(seconds) };
        let later = datetime!(2026-01-02 03:04:55 UTC);
        assert_eq!(limit.judge(3, over_at, later), refused(10));
        // A clock that goes back, and one that was ahead.
        assert_eq!(limit.judge(3, over_at, datetime!(2026-01-01 0:00 UTC)), refused(60));
        assert_eq!(limit.judge(3, later, over_at), refused(0));
    }

    #[test]
    fn a_time_beyond_all_time_does_not_overflow() {
        let now = datetime!(2026-01-02 03:04:05 UTC);
        assert!(AttemptLimit::new(1, Duration::MAX).over_at(now) > datetime!(9999-01-01 0:00 UTC));
    }

    #[test]
    fn tries_are_counted_by_account_and_not_by_spelling() {
        let key = AttemptKey::of_identifier("Alice@X.test");
        assert_eq!(key, AttemptKey::of_identifier(" alice@x.test"));
        assert_eq!(key, AttemptKey::of_address(&"ALICE@x.test".parse().unwrap()));
        assert_ne!(key, AttemptKey::of_identifier("bob@x.test"));
        let id = UserId::new();
        assert_ne!(AttemptKey::of_user(id, "a"), AttemptKey::of_user(id, "b"));
    }

    #[test]
    fn nothing_is_shown() {
        assert_eq!(format!("{:?}", AttemptKey::of_identifier("alice@x.test")), "AttemptKey(…)");
    }
}
