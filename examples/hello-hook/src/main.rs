//! The core alone: one step of a module, and listeners that change it, do it otherwise, and look at it.
#![expect(clippy::print_stdout, reason = "it is what there is to see")]

use dullahan_core::{After, Before, Context, Core, CoreBuilder, DefaultAction, Event, Result};

/// The step: somebody is to be greeted. Plain data, and what it produces.
#[derive(Event)]
#[event(output = String, preventable)]
struct Greet {
    name: String,
}

/// The module: what happens unless somebody says otherwise.
fn greetings(core: &mut CoreBuilder) {
    core.declare::<Greet>()
        .default(|ev: DefaultAction<'_, Greet>| Ok(format!("Hello, {}!", ev.name)));
}

/// The application, which the module knows nothing of.
fn extensions(core: &mut CoreBuilder) {
    core.event::<Greet>().before(trim_name).before(cats_are_not_spoken_to).after(be_friendly);
}

fn trim_name(mut ev: Before<'_, Greet>) -> Result<()> {
    ev.name = ev.name.trim().to_owned();
    Ok(())
}

async fn cats_are_not_spoken_to(mut ev: Before<'_, Greet>) -> Result<()> {
    if ev.name == "Tom" {
        ev.respond("...".to_owned()); // in the place of the default
    }
    Ok(())
}

fn be_friendly(mut ev: After<'_, Greet>) -> Result<()> {
    ev.output_mut().push_str(" :)");
    Ok(())
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::result::Result<(), Box<dyn std::error::Error>> {
    let core = Core::builder().module(greetings).module(extensions).build()?;
    for name in [" Ada ", "Tom"] {
        let greeting = core.dispatch(&Context::new(), Greet { name: name.to_owned() }).await?;
        println!("{greeting}");
    }
    Ok(())
}
