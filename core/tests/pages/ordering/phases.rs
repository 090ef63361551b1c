//! All phases of one process.

use dullahan_core::{Context, Core, ListenerOptions as _, Priority, Process};

use crate::log::Log;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[tokio::test]
async fn phases_run_in_their_order_whatever_was_registered_first()
-> Result<(), Box<dyn std::error::Error>> {
    let log = Log::new();
    let mut core = Core::builder();
    core.units_of_work(log.units_of_work());
    core.declare::<CreateUserProcess>()
        .committed(log.committed())
        .rolled_back(log.rolled_back())
        .observe(log.observe())
        .after(log.after("after, -10").priority(-10))
        .after(log.after("after, 0"))
        .default(log.default("default"))
        .wrap(log.wrap("wrap, 0").named("inner"))
        .wrap(log.wrap("wrap, 10").priority(10).named("outer"))
        .before(log.before("before, 0"))
        .before(log.before("before, 0 again"))
        .before(log.before("before, first").priority(Priority::FIRST));
    let core = core.build()?;

    core.dispatch(&Context::new(), CreateUserProcess).await?;

    assert_eq!(
        log.take(),
        [
            "before, first",
            "before, 0",
            "before, 0 again",
            "wrap, 10, in",
            "wrap, 0, in",
            "begin",
            "savepoint",
            "savepoint",
            "default",
            "release the savepoint",
            "wrap, 0, out",
            "release the savepoint",
            "wrap, 10, out",
            "after, 0",
            "after, -10",
            "commit",
            "observe: completed",
            "committed",
        ]
    );
    Ok(())
}
