//! The single-threaded dispatcher of `hey_listen`.
//!
//! For it: it is not `Sync`, so it pays for no sharing at all; the event is only looked at; it is hashed by its
//! discriminant, as the documentation advises; a panic is not caught. Against it: an event is its own key in a
//! `HashMap` with SipHash; listeners see it by shared reference, so that the sum is in a `Cell`.

use std::{
    cell::Cell,
    hash::{Hash, Hasher},
    hint::black_box,
};

use hey_listen::rc::{Dispatcher, DispatcherRequest, Listener};

use crate::{interleaved::Contender, numbered::numbered, work::work};

#[derive(Clone)]
enum Event {
    Add(Cell<u64>),
}

impl Hash for Event {
    fn hash<H: Hasher>(&self, state: &mut H) {
        std::mem::discriminant(self).hash(state);
    }
}

impl PartialEq for Event {
    fn eq(&self, other: &Self) -> bool {
        std::mem::discriminant(self) == std::mem::discriminant(other)
    }
}

impl Eq for Event {}

struct Numbered<const NUMBER: u64>;

impl<const NUMBER: u64> Listener<Event> for Numbered<NUMBER> {
    fn on_event(&self, Event::Add(cell): &Event) -> Option<DispatcherRequest> {
        let mut sum = cell.get();
        let result = work::<NUMBER>(&mut sum);
        cell.set(sum);
        result.err().map(|_| DispatcherRequest::StopPropagation)
    }
}

/// Dispatches an event to which so many listeners listen.
pub fn hey_listen(name: &str, count: usize) -> Contender<'static> {
    let mut dispatcher = Dispatcher::new();
    macro_rules! add {
        ($number:literal) => {
            dispatcher.add_listener(Event::Add(Cell::new(0)), Numbered::<$number>)
        };
    }
    numbered!(count, add);
    Contender::new(name, move |repeats| {
        for _ in 0..repeats {
            let event = Event::Add(Cell::new(black_box(1)));
            dispatcher.dispatch_event(&event);
            black_box(&event);
        }
    })
}
