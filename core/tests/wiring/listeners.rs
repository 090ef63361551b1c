//! What can listen: functions, closures and functors, sync and async, with any number of ports.

mod phases;

use std::sync::Arc;

use dullahan_core::{
    After, BoxFuture, Context, Core, DefaultAction, Event, Inject, Listener, ListenerOptions as _,
    Result,
};

use crate::support::{Log, pause};

#[derive(Event)]
#[event(output = u32, preventable)]
struct Sum;

/// One service of many, told apart by its number.
struct Number<const N: u32>;

impl<const N: u32> Number<N> {
    fn value(&self) -> u32 {
        N
    }
}

type Port<'a, const N: u32> = Inject<'a, Number<N>>;

fn numbers() -> dullahan_core::CoreBuilder {
    let mut core = Core::builder();
    core.provide(Arc::new(Number::<1>)).provide(Arc::new(Number::<2>));
    core.provide(Arc::new(Number::<3>)).provide(Arc::new(Number::<4>));
    core.provide(Arc::new(Number::<5>)).provide(Arc::new(Number::<6>));
    core.provide(Arc::new(Number::<7>)).provide(Arc::new(Number::<8>));
    core
}

fn add(ev: &mut After<'_, Sum>, numbers: &[u32]) -> Result<()> {
    *ev.output_mut() += numbers.iter().sum::<u32>();
    Ok(())
}

mod sync {
    use super::{After, Port, Result, Sum, add};

    pub(super) fn none(mut ev: After<'_, Sum>) -> Result<()> {
        add(&mut ev, &[100])
    }

    pub(super) fn one(mut ev: After<'_, Sum>, a: Port<'_, 1>) -> Result<()> {
        add(&mut ev, &[a.value()])
    }

    pub(super) fn two(mut ev: After<'_, Sum>, a: Port<'_, 1>, b: Port<'_, 2>) -> Result<()> {
        add(&mut ev, &[a.value(), b.value()])
    }

    pub(super) fn six(
        mut ev: After<'_, Sum>,
        a: Port<'_, 1>,
        b: Port<'_, 2>,
        c: Port<'_, 3>,
        d: Port<'_, 4>,
        e: Port<'_, 5>,
        f: Port<'_, 6>,
    ) -> Result<()> {
        add(&mut ev, &[a.value(), b.value(), c.value(), d.value(), e.value(), f.value()])
    }
}

mod asynchronous {
    use super::{After, Port, Result, Sum, add, pause};

    pub(super) async fn none(mut ev: After<'_, Sum>) -> Result<()> {
        pause().await;
        add(&mut ev, &[100])
    }

    pub(super) async fn one(mut ev: After<'_, Sum>, a: Port<'_, 1>) -> Result<()> {
        pause().await;
        add(&mut ev, &[a.value()])
    }

    pub(super) async fn two(mut ev: After<'_, Sum>, a: Port<'_, 1>, b: Port<'_, 2>) -> Result<()> {
        pause().await;
        add(&mut ev, &[a.value(), b.value()])
    }

    pub(super) async fn six(
        mut ev: After<'_, Sum>,
        a: Port<'_, 1>,
        b: Port<'_, 2>,
        c: Port<'_, 3>,
        d: Port<'_, 4>,
        e: Port<'_, 5>,
        f: Port<'_, 6>,
    ) -> Result<()> {
        pause().await;
        add(&mut ev, &[a.value(), b.value(), c.value(), d.value(), e.value(), f.value()])
    }
}

/// A functor that holds what its constructors were given.
struct Adder(Vec<u32>);

impl Adder {
    fn of_none() -> Self {
        Self(vec![100])
    }

    fn of_one(a: Arc<Number<1>>) -> Self {
        Self(vec![a.value()])
    }

    fn of_eight(
        a: Arc<Number<1>>,
        b: Arc<Number<2>>,
        c: Arc<Number<3>>,
        d: Arc<Number<4>>,
        e: Arc<Number<5>>,
        f: Arc<Number<6>>,
        g: Arc<Number<7>>,
        h: Arc<Number<8>>,
    ) -> Self {
        let six = vec![a.value(), b.value(), c.value(), d.value(), e.value(), f.value()];
        Self([six, vec![g.value(), h.value()]].concat())
    }
}

impl Listener<After<'_, Sum>> for Adder {
    async fn call(&self, mut ev: After<'_, Sum>) -> Result<()> {
        add(&mut ev, &self.0)
    }
}

#[tokio::test]
async fn one_call_registers_functions_of_any_number_of_ports() {
    let mut core = numbers();
    core.declare::<Sum>()
        .default(|_: DefaultAction<'_, Sum>| Ok(0))
        .after(sync::none)
        .after(sync::one)
        .after(sync::two)
        .after(sync::six)
        .after(asynchronous::none)
        .after(asynchronous::one)
        .after(asynchronous::two)
        .after(asynchronous::six);
    let core = core.build().unwrap();

    let sum = core.dispatch(&Context::new(), Sum).await.unwrap();

    assert_eq!(sum, 2 * (100 + 1 + 3 + 21));
}

#[tokio::test]
async fn the_same_call_registers_closures() {
    let captured = 1000;
    let mut core = numbers();
    core.declare::<Sum>()
        .default(|_: DefaultAction<'_, Sum>| Ok(0))
        .after(|mut ev: After<'_, Sum>| add(&mut ev, &[1]))
        .after(move |mut ev: After<'_, Sum>| add(&mut ev, &[captured]))
        .after(move |mut ev: After<'_, Sum>, a: Port<'_, 2>| add(&mut ev, &[captured, a.value()]))
        .after(async |mut ev: After<'_, Sum>| {
            pause().await;
            add(&mut ev, &[10])
        })
        .after(async |mut ev: After<'_, Sum>, a: Port<'_, 3>| {
            pause().await;
            add(&mut ev, &[a.value()])
        });
    let core = core.build().unwrap();

    let sum = core.dispatch(&Context::new(), Sum).await.unwrap();

    assert_eq!(sum, 1 + 1000 + 1002 + 10 + 3);
}

#[tokio::test]
async fn the_same_call_registers_functors_and_their_constructors() {
    let captured = 1000;
    let mut core = numbers();
    core.declare::<Sum>()
        .default(|_: DefaultAction<'_, Sum>| Ok(0))
        .after(Adder(vec![10_000]).named("a value"))
        .after(Adder::of_none.named("no port"))
        .after(Adder::of_one.named("one port"))
        .after(Adder::of_eight.named("eight ports"))
        .after(
            (move |a: Arc<Number<2>>| Adder(vec![captured, a.value()]))
                .named("a closure that constructs"),
        );
    let core = core.build().unwrap();

    let sum = core.dispatch(&Context::new(), Sum).await.unwrap();

    assert_eq!(sum, 10_000 + 100 + 1 + 36 + 1002);
}

#[tokio::test]
async fn a_function_that_returns_a_boxed_future_listens_too() {
    fn boxed(mut ev: After<'_, Sum>) -> BoxFuture<'_, Result<()>> {
        Box::pin(async move {
            pause().await;
            add(&mut ev, &[5])
        })
    }

    let mut core = Core::builder();
    core.declare::<Sum>().default(|_: DefaultAction<'_, Sum>| Ok(0)).after(boxed);
    let core = core.build().unwrap();

    assert_eq!(core.dispatch(&Context::new(), Sum).await.unwrap(), 5);
}

#[tokio::test]
async fn a_constructor_is_called_once_when_the_core_is_sealed() {
    let log = Log::new();
    let constructing = log.clone();
    let mut core = numbers();
    core.declare::<Sum>().default(|_: DefaultAction<'_, Sum>| Ok(0)).after(
        move |a: Arc<Number<1>>| {
            constructing.add("constructed");
            Adder(vec![a.value()])
        },
    );
    assert!(log.entries().is_empty());
    let core = core.build().unwrap();
    assert_eq!(log.entries(), ["constructed"]);

    for _ in 0..3 {
        core.clone().dispatch(&Context::new(), Sum).await.unwrap();
    }

    assert_eq!(log.entries(), ["constructed"]);
}

#[test]
fn listeners_have_the_path_of_their_function_or_functor() {
    let mut core = numbers();
    core.declare::<Sum>()
        .default(|_: DefaultAction<'_, Sum>| Ok(0))
        .after(sync::one)
        .after(Adder::of_one)
        .after(|_: After<'_, Sum>| Ok(()))
        .after(sync::two.named("two of them"));
    let line = line!() - 2;
    let core = core.build().unwrap();

    let names: Vec<_> =
        core.describe().events[0].listeners[1..].iter().map(|one| one.name.clone()).collect();

    assert_eq!(
        names,
        [
            "wiring::listeners::sync::one".to_owned(),
            "wiring::listeners::Adder".to_owned(),
            format!("closure at {}:{line}", file!()),
            "two of them".to_owned(),
        ]
    );
}
