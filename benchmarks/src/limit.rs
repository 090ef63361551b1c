//! What there is to reach: calls that the compiler knows, and loops without any library around them.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    hash::{BuildHasher, BuildHasherDefault, Hasher, RandomState},
    hint::black_box,
    pin::Pin,
};

use crate::{
    interleaved::Contender,
    numbered::numbered,
    poll::now,
    work::{Refused, work},
};

type Listener = Box<dyn Fn(&mut u64) -> Result<(), Refused> + Send + Sync>;
type Default = Box<dyn Fn(&mut u64) -> Result<u64, Refused> + Send + Sync>;
type AsyncListener = Box<
    dyn for<'a> Fn(&'a mut u64) -> Pin<Box<dyn Future<Output = Result<(), Refused>> + Send + 'a>>
        + Send
        + Sync,
>;

/// Direct calls of functions that are not inlined, and of one more for the default: nothing can be faster and
/// still call a function for each listener.
///
/// # Panics
///
/// With a number of listeners for which it is not written out: 0, 1, 4, 16 and 64.
pub fn statically(name: &str, count: usize) -> Contender<'static> {
    match count {
        0 => Contender::new(name, calls::<0>),
        1 => Contender::new(name, calls::<1>),
        4 => Contender::new(name, calls::<4>),
        16 => Contender::new(name, calls::<16>),
        64 => Contender::new(name, calls::<64>),
        _ => panic!("the limit is written out for 0, 1, 4, 16 and 64 listeners"),
    }
}

fn calls<const COUNT: u64>(repeats: u64) {
    for _ in 0..repeats {
        let mut sum = black_box(1);
        _ = black_box(call_all::<COUNT>(&mut sum));
    }
}

#[inline(always)]
fn call_all<const COUNT: u64>(sum: &mut u64) -> Result<u64, Refused> {
    macro_rules! call {
        ($number:literal) => {
            listener::<$number>(sum)?
        };
    }
    numbered!(COUNT, call);
    default(sum)
}

#[inline(never)]
fn listener<const NUMBER: u64>(sum: &mut u64) -> Result<(), Refused> {
    work::<NUMBER>(sum)
}

#[inline(never)]
fn default(sum: &mut u64) -> Result<u64, Refused> {
    work::<99>(sum).map(|()| *sum)
}

fn listeners(count: usize) -> Vec<Listener> {
    let mut listeners: Vec<Listener> = Vec::new();
    macro_rules! add {
        ($number:literal) => {
            listeners.push(Box::new(|sum| work::<$number>(sum)))
        };
    }
    numbered!(count, add);
    listeners
}

fn boxed_default() -> Default {
    Box::new(|sum| work::<99>(sum).map(|()| *sum))
}

/// A loop with one call site.
pub fn in_turn(name: &str, count: usize) -> Contender<'static> {
    let (listeners, default) = (listeners(count), boxed_default());
    Contender::new(name, move |repeats| {
        for _ in 0..repeats {
            let mut sum = black_box(1);
            _ = black_box(loop_over(&listeners, &mut sum).and_then(|()| default(&mut sum)));
        }
    })
}

#[inline(always)]
fn loop_over(listeners: &[Listener], sum: &mut u64) -> Result<(), Refused> {
    for listener in listeners {
        listener(sum)?;
    }
    Ok(())
}

/// A loop with eight call sites, each of which the processor predicts by itself.
pub fn in_eights(name: &str, count: usize) -> Contender<'static> {
    let (listeners, default) = (listeners(count), boxed_default());
    Contender::new(name, move |repeats| {
        for _ in 0..repeats {
            let mut sum = black_box(1);
            _ = black_box(loop_in_eights(&listeners, &mut sum).and_then(|()| default(&mut sum)));
        }
    })
}

#[inline(always)]
fn loop_in_eights(listeners: &[Listener], sum: &mut u64) -> Result<(), Refused> {
    let (eights, rest) = listeners.as_chunks::<8>();
    for [a, b, c, d, e, f, g, h] in eights {
        a(sum)?;
        b(sum)?;
        c(sum)?;
        d(sum)?;
        e(sum)?;
        f(sum)?;
        g(sum)?;
        h(sum)?;
    }
    loop_over(rest, sum)
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
    type Entry = (Vec<Listener>, Default);
    let mut map: HashMap<TypeId, Box<dyn Any>, S> = HashMap::default();
    macro_rules! other {
        ($number:literal) => {
            map.insert(TypeId::of::<Numbered<$number>>(), Box::new(()))
        };
    }
    numbered!(32, other);
    map.insert(TypeId::of::<Event>(), Box::new((listeners(count), boxed_default())));
    Contender::new(name, move |repeats| {
        for _ in 0..repeats {
            let mut sum = black_box(1);
            let entry = black_box(&map).get(&TypeId::of::<Event>());
            let entry = entry.and_then(|entry| entry.downcast_ref::<Entry>());
            if let Some((listeners, default)) = entry {
                _ = black_box(loop_in_eights(listeners, &mut sum).and_then(|()| default(&mut sum)));
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
            listeners.push(Box::new(|sum| Box::pin(async move { work::<$number>(sum) })))
        };
    }
    numbered!(count, add);
    let default = boxed_default();
    Contender::new(name, move |repeats| {
        for _ in 0..repeats {
            let mut sum = black_box(1);
            _ = black_box(now(async {
                for listener in &listeners {
                    listener(&mut sum).await?;
                }
                default(&mut sum)
            }));
        }
    })
}
