use std::sync::Arc;
use dullahan_core::*;

#[derive(Event)]
#[event(output = u32, preventable)]
struct Add { a: u32, b: u32 }
#[derive(Saga)]
#[event(output = u32)]
struct Sum { all: Vec<u32> }
trait Port: Send + Sync { fn get(&self) -> u32; }
struct One; impl Port for One { fn get(&self) -> u32 { 1 } }
struct Adder { p: Arc<dyn Port> }
impl Adder { fn new(p: Arc<dyn Port>) -> Self { Self { p } } }
impl Listener<Perform<'_, Add>> for Adder { async fn call(&self, ev: Perform<'_, Add>) -> Result<u32> { Ok(ev.a + ev.b + self.p.get()) } }
async fn sum(mut ev: Perform<'_, Sum>) -> Result<u32> {
    let mut s = 0;
    for a in ev.all.clone() { s = ev.dispatch(Add { a, b: s }).await?; }
    Ok(s)
}
fn bump(mut ev: After<'_, Add>, p: Service<'_, dyn Port>) -> Result<()> { *ev.output_mut() += p.get(); Ok(()) }
async fn abump(mut ev: Before<'_, Add>, p: Service<'_, dyn Port>) -> Result<()> { ev.a += p.get(); Ok(()) }

#[test]
fn smoke() {
    let mut b = Core::builder();
    b.provide::<dyn Port>(Arc::new(One));
    b.declare::<Add>().default(Adder::new).after(0, bump).before(0, abump).before(0, async |mut ev: Before<'_, Add>| { ev.a += 1; Ok(()) });
    b.declare::<Sum>().default(sum);
    let core = b.build().unwrap();
    let fut = core.run(Sum { all: vec![1, 2] });
    fn send<T: Send>(t: T) -> T { t }
    let mut fut = std::pin::pin!(send(fut));
    let r = match fut.as_mut().poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) { std::task::Poll::Ready(r) => r.unwrap(), _ => panic!() };
    assert_eq!(r, 1 + 2 + 8);
}
