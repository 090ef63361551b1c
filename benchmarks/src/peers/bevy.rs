//! Observers of `bevy_ecs`.
//!
//! For it: it borrows the world mutably and so has no other thread to fear; observers return nothing, so none is
//! asked whether it failed; a panic is not caught. Against it: an observer is a system, which may ask for
//! parameters of the world, and commands are applied after each.

use std::hint::black_box;

use bevy_ecs::{event::Event, observer::On, world::World};

use crate::{interleaved::Contender, numbered::numbered, work::work};

#[derive(Event)]
struct Add {
    sum: u64,
}

/// Triggers an event that so many observers observe.
pub fn bevy(name: &str, count: usize) -> Contender<'static> {
    let mut world = World::new();
    macro_rules! add {
        ($number:literal) => {
            world.add_observer(|mut ev: On<Add>| _ = work::<$number>(&mut ev.event_mut().sum))
        };
    }
    numbered!(count, add);
    world.flush();
    Contender::new(name, move |repeats| {
        for _ in 0..repeats {
            let mut event = Add { sum: black_box(1) };
            world.trigger_ref(&mut event);
            black_box(event.sum);
        }
    })
}
