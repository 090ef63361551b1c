//! Which passwords may be chosen.

use crate::domain::{Check, PlainPassword};

/// Which passwords may be chosen: those of a length within bounds.
///
/// # Rule
///
/// - NIST SP 800-63B-4 section 3.1.1.2 and ASVS 5.0 item 6.2.1: at least 15 characters where the password is
///   the only factor; 8 will do only where a second factor is compulsory. A maximum below 64 is too low.
/// - NIST SP 800-63B-4 section 3.1.1.2 and ASVS 5.0 item 6.2.5: no composition rules such as "one digit".
///
/// # Examples
///
/// ```
/// use dullahan_user::domain::{PasswordPolicy, PasswordPolicyViolation};
///
/// let policy = PasswordPolicy::default();
/// assert_eq!(policy.check(&"correct horse battery staple".parse()?), Ok(()));
/// assert_eq!(policy.check(&"Tr0ub4dor&3".parse()?), Err(PasswordPolicyViolation::TooShort { min: 15 }));
/// # Ok::<(), dullahan_user::domain::OversizedPassword>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordPolicy {
    min: usize,
    max: usize,
}

impl PasswordPolicy {
    /// Sets the fewest code points: 15 unless set. With fewer than 8 the rules above are not kept.
    #[must_use]
    pub const fn with_min(mut self, min: usize) -> Self {
        self.min = min;
        self
    }

    /// Sets the most code points: 256 unless set. With fewer than 64 the rules above are not kept.
    #[must_use]
    pub const fn with_max(mut self, max: usize) -> Self {
        self.max = max;
        self
    }

    /// A line for each field.
    pub(crate) fn check_settings(&self, check: &mut Check) {
        let Self { min, max } = *self;
        check.at_least("min", min, 1, "the empty password could be chosen");
        let advice = format!("no password is as short as `max`, {max}; set it to that or less");
        check.expect("min", min, min <= max, advice);
        let most = PlainPassword::MAX_BYTES;
        let advice = format!("no password is longer than {most} bytes; set it to that or less");
        check.expect("max", max, max <= most, advice);
    }

    /// The fewest code points.
    pub const fn min(&self) -> usize {
        self.min
    }

    /// The most code points.
    pub const fn max(&self) -> usize {
        self.max
    }

    /// Checks a password that somebody wants to choose.
    ///
    /// # Errors
    ///
    /// A [`PasswordPolicyViolation`] that says which bound was missed.
    pub fn check(&self, password: &PlainPassword) -> Result<(), PasswordPolicyViolation> {
        match password.code_points() {
            length if length < self.min => Err(PasswordPolicyViolation::TooShort { min: self.min }),
            length if length > self.max => Err(PasswordPolicyViolation::TooLong { max: self.max }),
            _ => Ok(()),
        }
    }
}

impl Default for PasswordPolicy {
    fn default() -> Self {
        Self { min: 15, max: 256 }
    }
}

/// Why a password may not be chosen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PasswordPolicyViolation {
    /// There are too few code points.
    #[error("the password has fewer than {min} characters")]
    TooShort {
        /// The fewest code points.
        min: usize,
    },
    /// There are too many code points.
    #[error("the password has more than {max} characters")]
    TooLong {
        /// The most code points.
        max: usize,
    },
}

#[cfg(test)]
mod tests {
    use crate::domain::{PasswordPolicy, PasswordPolicyViolation};

    fn check(policy: PasswordPolicy, text: &str) -> Result<(), PasswordPolicyViolation> {
        policy.check(&text.parse().unwrap())
    }

    #[test]
    fn pwd_01_fourteen_code_points_are_too_few_and_fifteen_enough() {
        let policy = PasswordPolicy::default();
        for c in ["x", "é", "李", "🔑"] {
            assert_eq!(
                check(policy, &c.repeat(14)),
                Err(PasswordPolicyViolation::TooShort { min: 15 })
            );
            assert_eq!(check(policy, &c.repeat(15)), Ok(()));
        }
        // Fifteen as typed, fourteen as hashed.
        assert!(check(policy, "e\u{301}xxxxxxxxxxxxx").is_err());
        assert_eq!(check(policy.with_min(8), "xxxxxxxx"), Ok(()));
    }

    #[test]
    fn pwd_03_one_class_of_characters_is_enough() {
        for text in [
            "correct horse battery staple",
            "aaaaaaaaaaaaaaa",
            "000000000000000",
            "               ",
        ] {
            assert_eq!(check(PasswordPolicy::default(), text), Ok(()));
        }
    }

    #[test]
    fn the_maximum_is_counted_in_code_points_too() {
        let policy = PasswordPolicy::default();
        assert_eq!(check(policy, &"🔑".repeat(256)), Ok(()));
        assert_eq!(
            check(policy, &"x".repeat(257)),
            Err(PasswordPolicyViolation::TooLong { max: 256 })
        );
        assert_eq!(
            check(policy.with_max(64), &"x".repeat(65)),
            Err(PasswordPolicyViolation::TooLong { max: 64 })
        );
    }

    #[test]
    fn blanks_at_the_ends_count() {
        assert_eq!(check(PasswordPolicy::default(), "  eleven chars "), Ok(()));
    }
}
