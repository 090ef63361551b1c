//! `mod-events`, a thread-safe dispatcher by `TypeId`.
//!
//! For it: the dispatch is sync and its async half is not even built; it has a hasher of its own for `TypeId`s.
//! Against it: two read locks and an `Arc` a dispatch, and counters; listeners see the event by shared reference,
//! so that the sum is in an atomic, read and written without ordering. Like ours it catches panics.

use std::{
    any::Any,
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
};

use mod_events::{Event, EventDispatcher};

use crate::{interleaved::Contender, numbered::numbered, work::work};

#[derive(Debug)]
struct Add {
    sum: AtomicU64,
}

impl Event for Add {
    fn as_any(&self) -> &dyn Any {
        self
    }
}

/// A dispatcher with so many listeners.
pub struct ModEvents {
    dispatcher: EventDispatcher,
}

impl std::fmt::Debug for ModEvents {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ModEvents").finish_non_exhaustive()
    }
}

impl ModEvents {
    /// A dispatcher with so many listeners.
    pub fn new(count: usize) -> Self {
        let dispatcher = EventDispatcher::new();
        macro_rules! add {
            ($number:literal) => {
                dispatcher.subscribe(|event: &Add| {
                    let mut sum = event.sum.load(Ordering::Relaxed);
                    let result = work::<$number>(&mut sum);
                    event.sum.store(sum, Ordering::Relaxed);
                    result.map_err(|_| "the sum is too great".into())
                })
            };
        }
        numbered!(count, add);
        Self { dispatcher }
    }

    /// Dispatches to them.
    pub fn dispatch(&self, repeats: u64) {
        for _ in 0..repeats {
            let event = Add { sum: AtomicU64::new(black_box(1)) };
            black_box(self.dispatcher.dispatch(event).all_succeeded());
        }
    }
}

/// Dispatches an event to which so many listeners listen.
pub fn mod_events(name: &str, count: usize) -> Contender<'static> {
    let dispatcher = ModEvents::new(count);
    Contender::new(name, move |repeats| dispatcher.dispatch(repeats))
}
