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
    /// Zero while no number has been given.
    number: AtomicUsize,
}

/// The number that the next slot gets.
static NEXT: AtomicUsize = AtomicUsize::new(1);

impl Slot {
    /// The number that no type gets, and so the place in every core's table where nothing is.
    pub(crate) const VACANT: usize = 0;

    /// A slot without a number yet.
    #[expect(
        clippy::new_without_default,
        reason = "a slot belongs into a static, never into a value"
    )]
    pub const fn new() -> Self {
        Self { number: AtomicUsize::new(Self::VACANT) }
    }

    /// The number; [`VACANT`](Self::VACANT) as long as the type was declared to no core.
    #[inline]
    pub(crate) fn get(&self) -> usize {
        self.number.load(Ordering::Relaxed)
    }

    /// The number, given out at the first call.
    pub(crate) fn assign(&self) -> usize {
        let number = self.get();
        if number != Self::VACANT {
            return number;
        }
        let (vacant, fresh) = (Self::VACANT, NEXT.fetch_add(1, Ordering::Relaxed));
        match self.number.compare_exchange(vacant, fresh, Ordering::Relaxed, Ordering::Relaxed) {
            Ok(_) => fresh,
            Err(given) => given,
        }
    }
}
