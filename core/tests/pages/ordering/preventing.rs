//! A listener that answers from a cache.

use dullahan_core::{Before, Context, Core, Event, ListenerOptions as _, Result};

use crate::log::Log;

#[derive(Event)]
#[event(output = u32, preventable)]
struct CountUsers;

fn from_cache(mut ev: Before<'_, CountUsers>) -> Result<()> {
    ev.respond(41);
    ev.stop();
    Ok(())
}

#[tokio::test]
async fn a_response_prevents_the_default_and_after_listeners_run()
-> Result<(), Box<dyn std::error::Error>> {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<CountUsers>()
        .before(from_cache.priority(1))
        .before(log.before("not reached"))
        .default(log.default("not reached either"))
        .after(log.after("after"))
        .observe(log.observe());
    let core = core.build()?;

    assert_eq!(core.dispatch(&Context::new(), CountUsers).await?, 41);

    assert_eq!(log.take(), ["after", "observe: prevented"]);
    Ok(())
}

/// Goes without an output when its default is prevented.
#[derive(Event)]
#[event(skippable)]
struct SendNewsletter;

fn not_today(mut ev: Before<'_, SendNewsletter>) -> Result<()> {
    ev.prevent_default();
    Ok(())
}

#[tokio::test]
async fn a_skippable_event_needs_no_response() -> Result<(), Box<dyn std::error::Error>> {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<SendNewsletter>()
        .before(not_today)
        .default(|_: dullahan_core::DefaultAction<'_, SendNewsletter>| -> Result<()> {
            Err(dullahan_core::Error::internal("it was not prevented"))
        })
        .after(log.after("after"))
        .observe(log.observe());
    let core = core.build()?;

    core.dispatch(&Context::new(), SendNewsletter).await?;

    assert_eq!(log.take(), ["after", "observe: prevented"]);
    Ok(())
}
