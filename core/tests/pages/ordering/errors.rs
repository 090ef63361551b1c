//! A listener that refuses.

use dullahan_core::{
    After, Context, Core, Error, ErrorKind, ListenerOptions as _, Process, Result,
};

use crate::log::Log;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

fn refuse(_: After<'_, CreateUserProcess>) -> Result<()> {
    Err(Error::new(ErrorKind::Conflict))
}

#[tokio::test]
async fn an_error_ends_the_dispatch_and_rolls_back() -> Result<(), Box<dyn std::error::Error>> {
    let log = Log::new();
    let mut core = Core::builder();
    core.units_of_work(log.units_of_work());
    core.declare::<CreateUserProcess>()
        .default(log.default("default"))
        .after(refuse.priority(1))
        .after(log.after("not reached"))
        .observe(log.observe())
        .committed(log.committed())
        .rolled_back(log.rolled_back());
    let core = core.build()?;

    let error = core.dispatch(&Context::new(), CreateUserProcess).await.unwrap_err();

    assert_eq!(error.code(), "conflict");
    assert!(error.listener().is_some_and(|name| name.ends_with("refuse")));
    assert_eq!(
        log.take(),
        ["begin", "default", "rollback", "observe: failed, conflict", "rolled back"],
    );
    Ok(())
}
