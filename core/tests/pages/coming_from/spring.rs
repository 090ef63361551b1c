//! An advice around a step.

use std::sync::{
    Arc,
    atomic::{AtomicU32, Ordering},
};

use dullahan_core::{
    Context, Core, CoreBuilder, DefaultAction, Error, ErrorKind, Event, Inject, Result, Wrap,
};

#[derive(Event)]
#[event(output = u32)]
struct FetchRate;

async fn retry_once(mut ev: Wrap<'_, FetchRate>) -> Result<u32> {
    match ev.next().await {
        Err(error) if error.kind() == ErrorKind::Unavailable => ev.next().await,
        answer => answer,
    }
}

fn extensions(core: &mut CoreBuilder) {
    core.event::<FetchRate>().wrap(retry_once);
}

fn fetch(_: DefaultAction<'_, FetchRate>, calls: Inject<'_, AtomicU32>) -> Result<u32> {
    match calls.fetch_add(1, Ordering::Relaxed) {
        0 => Err(Error::unavailable("the other service is restarting")),
        _ => Ok(7),
    }
}

#[tokio::test]
async fn a_wrap_calls_the_default_again() -> Result<(), Box<dyn std::error::Error>> {
    let calls = Arc::new(AtomicU32::new(0));
    let mut core = Core::builder();
    core.provide(calls.clone()).module(extensions);
    core.declare::<FetchRate>().default(fetch);
    let core = core.build()?;

    assert_eq!(core.dispatch(&Context::new(), FetchRate).await?, 7);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
    Ok(())
}
