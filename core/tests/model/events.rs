//! The events of a random wiring.

use dullahan_core::{Event, Process, Saga, event::Preventable};

#[derive(Saga)]
#[event(output = i64, preventable)]
pub(super) struct Event0(pub(super) i64);

#[derive(Process)]
#[event(output = i64, preventable)]
pub(super) struct Event1(pub(super) i64);

#[derive(Saga)]
#[event(output = i64, preventable)]
pub(super) struct Event2(pub(super) i64);

#[derive(Process)]
#[event(output = i64, preventable)]
pub(super) struct Event3(pub(super) i64);

#[derive(Event)]
#[event(output = i64, preventable, gathers)]
pub(super) struct Event4(pub(super) i64);

#[derive(Process)]
#[event(output = i64, preventable)]
pub(super) struct Event5(pub(super) i64);

#[derive(Event)]
#[event(output = i64, preventable)]
pub(super) struct Event6(pub(super) i64);

/// Any of the events.
pub(super) trait Numbered: Event<Output = i64> + Preventable {
    fn value(&self) -> i64;
    fn value_mut(&mut self) -> &mut i64;
}

macro_rules! numbered {
    ($($event:ident),*) => {$(
        impl Numbered for $event {
            fn value(&self) -> i64 {
                self.0
            }

            fn value_mut(&mut self) -> &mut i64 {
                &mut self.0
            }
        }
    )*};
}

numbered!(Event0, Event1, Event2, Event3, Event4, Event5, Event6);
