//! `event-bus`, whose buses are global and found by name.
//!
//! For it: handlers return nothing and are only asked whether the event is cancelled if it can be, as here, like
//! our listeners that may fail; a panic is not caught. Against it: one mutex and two read locks a dispatch.

use std::{
    hint::black_box,
    sync::atomic::{AtomicUsize, Ordering},
};

use event_bus::{dispatch_event, subscribe_event};

use crate::{interleaved::Contender, numbered::numbered, work::work};

struct Add {
    sum: u64,
    is_cancelled: bool,
}

impl event_bus::Event for Add {
    fn cancellable(&self) -> bool {
        true
    }

    fn cancelled(&self) -> bool {
        self.is_cancelled
    }

    fn set_cancelled(&mut self, cancel: bool) {
        self.is_cancelled = cancel;
    }
}

/// A bus of its own name, with so many handlers.
pub struct EventBus {
    name: String,
    _bus: event_bus::EventBus,
}

impl std::fmt::Debug for EventBus {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EventBus").field("name", &self.name).finish_non_exhaustive()
    }
}

impl EventBus {
    /// A bus with so many handlers.
    pub fn new(count: usize) -> Self {
        static NEXT: AtomicUsize = AtomicUsize::new(0);
        let name = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let bus = event_bus::EventBus::new(name.clone());
        macro_rules! add {
            ($number:literal) => {
                subscribe_event!(&name, |event: &mut Add| {
                    if work::<$number>(&mut event.sum).is_err() {
                        event.is_cancelled = true;
                    }
                })
            };
        }
        numbered!(count, add);
        Self { name, _bus: bus }
    }

    /// Dispatches to them.
    pub fn dispatch(&self, repeats: u64) {
        for _ in 0..repeats {
            let mut event = Add { sum: black_box(1), is_cancelled: false };
            dispatch_event!(&self.name, &mut event);
            black_box(event.sum);
        }
    }
}

/// Dispatches an event that so many handlers handle.
pub fn event_bus(name: &str, count: usize) -> Contender<'static> {
    let bus = EventBus::new(count);
    Contender::new(name, move |repeats| bus.dispatch(repeats))
}
