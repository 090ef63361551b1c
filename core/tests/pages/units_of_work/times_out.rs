//! A saga with a deadline.

use std::time::Duration;

use dullahan_core::{Context, Core, ErrorKind, Event};

#[derive(Event)]
struct Step;

#[tokio::test]
async fn no_step_is_dispatched_past_the_deadline() -> Result<(), Box<dyn std::error::Error>> {
    let mut core = Core::builder();
    core.declare::<Step>();
    let core = core.build()?;

    let context = Context::new().with_time_limit(Duration::ZERO);

    let error = core.dispatch(&context, Step).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unavailable, "deadline_exceeded"));
    Ok(())
}
