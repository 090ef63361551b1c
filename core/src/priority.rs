//! The priority of a listener inside of its phase.

use serde::Serialize;

/// The priority of a listener inside of its phase: higher runs first.
///
/// Wherever one is asked for, a plain `i32` does as well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct Priority(i32);

impl Priority {
    /// Before what has no reason to be earlier.
    pub const FIRST: Self = Self(256);
    /// Where most listeners belong.
    pub const NORMAL: Self = Self(0);
    /// After what has no reason to be later.
    pub const LAST: Self = Self(-256);

    /// A priority of one's own.
    pub const fn new(value: i32) -> Self {
        Self(value)
    }

    /// Its value.
    pub const fn value(self) -> i32 {
        self.0
    }
}

impl From<i32> for Priority {
    fn from(value: i32) -> Self {
        Self(value)
    }
}
