//! What there is to reach: calls that the compiler knows, and loops without any library around them.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    hint::black_box,
};

use dullahan_core::{BoxFuture, Error, Result};

use crate::{interleaved::Contender, numbered::numbered, ours::Add, poll::now, work::work};

type Listener = Box<dyn Fn(&mut Add) -> Result<()> + Send + Sync>;
type Default = Box<dyn Fn(&mut Add) -> Result<u64> + Send + Sync>;
type AsyncListener = Box<dyn for<'a> Fn(&'a mut Add) -> BoxFuture<'a, Result<()>> + Send + Sync>;

/// Direct calls of functions that are not inlined, and of one more for the default, so many times: nothing can
/// be faster and still call a function for each listener.
///
/// Each does what a listener of ours does: it changes the event, may fail with the same [`Error`], and whether
/// it did is looked at before the next one is called. What it does not do is what a library is for: it finds no
/// listeners, knows no context, catches no panic, and nobody can prevent or stop anything.
///
/// # Panics
///
/// With a number of listeners for which it is not written out: 0, 1, 4, 16 and 64.
pub fn statically(count: usize) -> fn(u64) {
    match count {
        0 => calls::<0>,
        1 => calls::<1>,
        4 => calls::<4>,
        16 => calls::<16>,
        64 => calls::<64>,
        _ => panic!("the limit is written out for 0, 1, 4, 16 and 64 listeners"),
    }
}

fn calls<const COUNT: u64>(repeats: u64) {
    for _ in 0..repeats {
        black_box(call_all::<COUNT>(&mut Add { sum: black_box(1) }).is_ok());
    }
}

#[inline(always)]
fn call_all<const COUNT: u64>(event: &mut Add) -> Result<u64> {
    macro_rules! call {
        ($number:literal) => {
            listener::<$number>(event)?
        };
    }
    numbered!(COUNT, call);
    default(event)
}

#[inline(never)]
fn listener<const NUMBER: u64>(event: &mut Add) -> Result<()> {
    work::<NUMBER>(&mut event.sum).map_err(Error::internal)
}

#[inline(never)]
fn default(event: &mut Add) -> Result<u64> {
    work::<99>(&mut event.sum).map_err(Error::internal)?;
    Ok(event.sum)
}

/// Listeners in boxes and a default, without any library around them.
pub struct Loop {
    listeners: Vec<Listener>,
    default: Default,
}

impl std::fmt::Debug for Loop {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Loop").field("listeners", &self.listeners.len()).finish_non_exhaustive()
    }
}

impl Loop {
    /// So many listeners.
    pub fn new(count: usize) -> Self {
        let mut listeners: Vec<Listener> = Vec::new();
        macro_rules! add {
            ($number:literal) => {
                listeners.push(Box::new(|event| {
                    work::<$number>(&mut event.sum).map_err(Error::internal)
                }))
            };
        }
        numbered!(count, add);
        Self { listeners, default: boxed_default() }
    }

    /// Calls them from one call site, so many times.
    pub fn in_turn(&self, repeats: u64) {
        for _ in 0..repeats {
            let mut event = Add { sum: black_box(1) };
            let result = in_turn(&self.listeners, &mut event);
            black_box(result.and_then(|()| (self.default)(&mut event)).is_ok());
        }
    }

    /// Calls them from eight call sites, each of which the processor predicts by itself, so many times.
    pub fn in_eights(&self, repeats: u64) {
        for _ in 0..repeats {
            black_box(self.once(&mut Add { sum: black_box(1) }).is_ok());
        }
    }

    /// Calls them once, from eight call sites.
    ///
    /// # Errors
    ///
    /// When one refuses, which none does.
    #[inline(always)]
    pub fn once(&self, event: &mut Add) -> Result<u64> {
        let (eights, rest) = self.listeners.as_chunks::<8>();
        for [a, b, c, d, e, f, g, h] in eights {
            a(event)?;
            b(event)?;
            c(event)?;
            d(event)?;
            e(event)?;
            f(event)?;
            g(event)?;
            h(event)?;
        }
        in_turn(rest, event)?;
        (self.default)(event)
    }
}

fn boxed_default() -> Default {
    Box::new(|event| {
        work::<99>(&mut event.sum).map_err(Error::internal)?;
        Ok(event.sum)
    })
}

#[inline(always)]
fn in_turn(listeners: &[Listener], event: &mut Add) -> Result<()> {
    for listener in listeners {
        listener(event)?;
    }
    Ok(())
}

/// A map from `TypeId` to a boxed list, with the standard hasher, or with one that takes the `TypeId` as it is.
pub fn by_type_id(name: &str, count: usize, identity: bool) -> Contender<'static> {
    if identity {
        dispatch_by_type_id::<BuildHasherDefault<Identity>>(name, count)
    } else {
        dispatch_by_type_id::<RandomState>(name, count)
    }
}

fn dispatch_by_type_id<S: BuildHasher + std::default::Default + 'static>(
    name: &str,
    count: usize,
) -> Contender<'static> {
    struct Event;
    struct Numbered<const NUMBER: u64>;
    let mut map: HashMap<TypeId, Box<dyn Any>, S> = HashMap::default();
    macro_rules! other {
        ($number:literal) => {
            map.insert(TypeId::of::<Numbered<$number>>(), Box::new(()))
        };
    }
    numbered!(32, other);
    map.insert(TypeId::of::<Event>(), Box::new(Loop::new(count)));
    Contender::new(name, move |repeats| {
        for _ in 0..repeats {
            let entry = black_box(&map).get(&TypeId::of::<Event>());
            if let Some(entry) = entry.and_then(|entry| entry.downcast_ref::<Loop>()) {
                black_box(entry.once(&mut Add { sum: black_box(1) }).is_ok());
            }
        }
    })
}

/// Takes a `TypeId`, which is random enough, as it is.
#[derive(Default)]
struct Identity(u64);

impl Hasher for Identity {
    fn write(&mut self, _: &[u8]) {
        unreachable!("a `TypeId` hashes as one number");
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

    fn finish(&self) -> u64 {
        self.0
    }
}

/// A loop over async functions, each with its future in a box, and an async default.
pub fn boxed_futures(name: &str, count: usize) -> Contender<'static> {
    let mut listeners: Vec<AsyncListener> = Vec::new();
    macro_rules! add {
        ($number:literal) => {
            listeners.push(Box::new(|event| {
                Box::pin(async { work::<$number>(&mut event.sum).map_err(Error::internal) })
            }))
        };
    }
    numbered!(count, add);
    let default = boxed_default();
    Contender::new(name, move |repeats| {
        for _ in 0..repeats {
            let mut event = Add { sum: black_box(1) };
            let called = now(async {
                for listener in &listeners {
                    listener(&mut event).await?;
                }
                default(&mut event)
            });
            black_box(called.is_ok());
        }
    })
}
