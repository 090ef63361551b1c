//! `jaeb`, an event bus of snapshots.
//!
//! For it: sync handlers, which it runs inline; no metrics and no trace features. Against it: every event goes
//! into an `Arc`, and an async mutex serialises the handlers of one event; handlers see the event by shared
//! reference, so that the sum is in an atomic, read and written without ordering. Like ours it is async and
//! catches panics.

use std::{
    hint::black_box,
    sync::atomic::{AtomicU64, Ordering},
};

use jaeb::{EventBus, HandlerResult, SyncEventHandler};

use crate::{interleaved::Contender, numbered::numbered, poll::now, work::work};

struct Add {
    sum: AtomicU64,
}

struct Numbered<const NUMBER: u64>;

impl<const NUMBER: u64> SyncEventHandler<Add> for Numbered<NUMBER> {
    fn handle(&self, event: &Add, _bus: &EventBus) -> HandlerResult {
        let mut sum = event.sum.load(Ordering::Relaxed);
        let result = work::<NUMBER>(&mut sum);
        event.sum.store(sum, Ordering::Relaxed);
        Ok(result?)
    }
}

/// Publishes an event that so many handlers handle.
///
/// # Panics
///
/// Never: the bus is open.
pub fn jaeb(name: &str, count: usize) -> Contender<'static> {
    let bus = now(EventBus::builder().build()).expect("the configuration is sound");
    macro_rules! add {
        ($number:literal) => {
            _ = now(bus.subscribe::<Add, _, _>(Numbered::<$number>)).expect("the bus is open")
        };
    }
    numbered!(count, add);
    Contender::new(name, move |repeats| {
        for _ in 0..repeats {
            let event = Add { sum: AtomicU64::new(black_box(1)) };
            black_box(now(bus.publish(event)).is_ok());
        }
    })
}
