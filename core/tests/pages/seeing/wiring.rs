//! The wiring as text.

use dullahan_core::{
    After, Before, Core, CoreBuilder, DefaultAction, Event, ListenerOptions as _, Priority, Result,
};

use crate::printed;

#[derive(Event)]
#[event(output = String, preventable)]
struct Greet {
    name: String,
}

fn hello(ev: DefaultAction<'_, Greet>) -> Result<String> {
    Ok(format!("Hello, {}!", ev.name))
}

fn trim(mut ev: Before<'_, Greet>) -> Result<()> {
    ev.name = ev.name.trim().to_owned();
    Ok(())
}

fn shout(mut ev: After<'_, Greet>) -> Result<()> {
    ev.output_mut().make_ascii_uppercase();
    Ok(())
}

fn greetings(core: &mut CoreBuilder) {
    core.declare::<Greet>().default(hello).before(trim.priority(Priority::FIRST));
}

fn extensions(core: &mut CoreBuilder) {
    core.event::<Greet>().after(shout.when(|context| context.principal().is_none()));
}

#[test]
#[expect(clippy::print_stdout, reason = "the example prints it")]
fn the_dump_is_the_one_on_the_page() -> Result<(), Box<dyn std::error::Error>> {
    let core = Core::builder().module(greetings).module(extensions).build()?;
    println!("{}", core.describe());

    printed::is_shown(super::PAGE, &core.describe().to_string());
    Ok(())
}
