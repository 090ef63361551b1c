//! That a process or a saga is being completed.

use std::sync::atomic::Ordering;

use super::Context;

/// A process or a saga is being completed.
pub(crate) struct Completing<'a>(pub(super) &'a Context);

impl Drop for Completing<'_> {
    fn drop(&mut self) {
        self.0.shared.completing.fetch_sub(1, Ordering::AcqRel);
    }
}
