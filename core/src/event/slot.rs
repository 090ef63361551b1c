//! The dense number of an event type.

use std::sync::atomic::{AtomicUsize, Ordering};

/// The dense number of an event type, given out once in a program's life.
///
/// Every sealed [`Core`](crate::Core) holds a table that is indexed by it, so finding an event's listeners is
/// one load, whatever the number of events.
///
/// # Rule
///
/// One static for each type. A static inside a generic function is shared by all its instances, which is why
/// an event type has no type parameters; two types with one slot are a build error.
#[derive(Debug)]
pub struct Slot {
    /// Zero while no number has been given, else the number plus one.
    number: AtomicUsize,
}

/// The number that the next slot gets, plus one.
static NEXT: AtomicUsize = AtomicUsize::new(1);

impl Slot {
    /// A slot without a number yet.
    #[expect(
        clippy::new_without_default,
        reason = "a slot belongs into a static, never into a value"
    )]
    pub const fn new() -> Self {
        Self { number: AtomicUsize::new(0) }
    }

    /// The number, if the type was declared to any core so far.
    #[inline]
    pub(crate) fn get(&self) -> Option<usize> {
        self.number.load(Ordering::Relaxed).checked_sub(1)
    }

    /// The number, given out at the first call.
    pub(crate) fn assign(&self) -> usize {
        if let Some(number) = self.get() {
            return number;
        }
        let fresh = NEXT.fetch_add(1, Ordering::Relaxed);
        match self.number.compare_exchange(0, fresh, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => fresh - 1,
            Err(given) => given - 1,
        }
    }
}
