//! Ourselves: one event with as many listeners before its default as are asked for.

use std::hint::black_box;

use dullahan_core::{Before, Context, Core, CoreBuilder, DefaultAction, Error, Event, Result};

use crate::{numbered::numbered, poll::now, work::work};

/// The event that is dispatched: a number that each listener changes.
#[derive(Event, Debug)]
#[event(output = u64)]
pub struct Add {
    /// The number.
    pub sum: u64,
}

/// Dispatches [`Add`] so many times from inside of its default action.
#[derive(Event, Debug)]
struct AddManyTimes {
    repeats: u64,
}

fn before<const NUMBER: u64>(ev: &mut Before<'_, Add>) -> Result<()> {
    work::<NUMBER>(&mut ev.sum).map_err(Error::internal)
}

fn default(mut ev: DefaultAction<'_, Add>) -> Result<u64> {
    work::<99>(&mut ev.sum).map_err(Error::internal)?;
    Ok(ev.sum)
}

/// A core with sync listeners to [`Add`].
pub fn sync_listeners(count: usize) -> Core {
    mixed(count, 0)
}

/// A core with async listeners to [`Add`].
pub fn async_listeners(count: usize) -> Core {
    mixed(count, count)
}

/// A core with so many listeners to [`Add`], of which so many are async, the last ones.
pub fn mixed(count: usize, asynchronous: usize) -> Core {
    core(count, asynchronous, |_| ())
}

/// The same, and whatever else is added.
///
/// # Panics
///
/// When what is added is not sound.
pub fn core(count: usize, asynchronous: usize, add: impl FnOnce(&mut CoreBuilder)) -> Core {
    let mut core = Core::builder();
    core.declare::<Add>().default(default);
    macro_rules! add {
        ($number:literal) => {
            if $number + asynchronous < count {
                core.event::<Add>().before(|mut ev: Before<'_, Add>| before::<$number>(&mut ev));
            } else {
                core.event::<Add>()
                    .before(async |mut ev: Before<'_, Add>| before::<$number>(&mut ev));
            }
        };
    }
    numbered!(count, add);
    core.declare::<AddManyTimes>().default(async |mut ev: DefaultAction<'_, AddManyTimes>| {
        for _ in 0..ev.repeats {
            black_box(ev.dispatch(Add { sum: black_box(1) }).await.is_ok());
        }
        Ok(())
    });
    add(&mut core);
    core.build().expect("the wiring is sound")
}

/// Dispatches [`Add`] from outside.
#[inline(never)]
pub fn dispatch(core: &Core, context: &Context, repeats: u64) {
    for _ in 0..repeats {
        black_box(now(core.dispatch(context, Add { sum: black_box(1) })).is_ok());
    }
}

/// Dispatches [`Add`] from inside of a listener.
///
/// # Panics
///
/// Never: the default action that dispatches does not fail.
pub fn by_parent(core: &Core, context: &Context, repeats: u64) {
    now(core.dispatch(context, AddManyTimes { repeats })).expect("it does not fail");
}
