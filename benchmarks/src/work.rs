//! What each listener does, the same in all contenders.

use std::hint::black_box;

/// A listener has found the sum too great; none ever does, and the compiler does not know that.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Refused;

impl std::fmt::Display for Refused {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the sum is too great")
    }
}

impl std::error::Error for Refused {}

/// Adds a number that is the listener's own, so that no two listeners are one function.
///
/// # Errors
///
/// Never, in a way that the compiler cannot see.
#[inline(always)]
pub fn work<const NUMBER: u64>(sum: &mut u64) -> Result<(), Refused> {
    *sum = black_box(sum.wrapping_add(NUMBER));
    if *sum == u64::MAX { Err(Refused) } else { Ok(()) }
}
