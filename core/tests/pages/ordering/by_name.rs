//! A listener between two others.

use dullahan_core::{Context, Core, Event, ListenerOptions as _};

use crate::log::Log;

#[derive(Event)]
struct AcceptPayload;

#[tokio::test]
async fn a_name_wins_over_a_priority() -> Result<(), Box<dyn std::error::Error>> {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<AcceptPayload>()
        .before(log.before("parse").priority(20).named("parse"))
        .before(log.before("limit").priority(10).named("limit"));
    let captcha = log.before("captcha").priority(100);
    core.event::<AcceptPayload>().before(captcha.after_listener("parse").before_listener("limit"));
    let core = core.build()?;

    core.dispatch(&Context::new(), AcceptPayload).await?;

    assert_eq!(log.take(), ["parse", "captcha", "limit"]);
    Ok(())
}
