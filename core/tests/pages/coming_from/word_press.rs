//! A filter of the output.

use dullahan_core::{After, Context, Core, DefaultAction, Event, ListenerOptions as _, Result};

#[derive(Event)]
#[event(output = String, preventable)]
struct RenderTitle {
    title: String,
}

fn shout(mut ev: After<'_, RenderTitle>) -> Result<()> {
    ev.output_mut().make_ascii_uppercase();
    Ok(())
}

#[tokio::test]
async fn an_after_listener_changes_the_output() -> Result<(), Box<dyn std::error::Error>> {
    let mut core = Core::builder();
    core.declare::<RenderTitle>()
        .default(|ev: DefaultAction<'_, RenderTitle>| Ok(ev.title.clone()));
    core.event::<RenderTitle>().after(shout.priority(-10));
    let core = core.build()?;

    let title = core.dispatch(&Context::new(), RenderTitle { title: "hello".to_owned() }).await?;
    assert_eq!(title, "HELLO");
    Ok(())
}
