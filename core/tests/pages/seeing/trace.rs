//! The trace of one dispatch.

use dullahan_core::{
    Before, Context, Core, DefaultAction, Event, ListenerOptions as _, Result, trace::Fate,
};

#[derive(Event)]
#[event(output = String, preventable)]
struct Greet {
    name: String,
}

fn hello(ev: DefaultAction<'_, Greet>) -> Result<String> {
    Ok(format!("Hello, {}!", ev.name))
}

fn not_to_strangers(mut ev: Before<'_, Greet>) -> Result<()> {
    if ev.name == "stranger" {
        ev.respond("...".to_owned());
    }
    Ok(())
}

#[tokio::test]
#[expect(clippy::print_stdout, reason = "the example prints it")]
async fn a_trace_names_the_listener_that_prevented() -> Result<(), Box<dyn std::error::Error>> {
    let mut core = Core::builder();
    core.declare::<Greet>().default(hello.named("my_app::hello"));
    core.event::<Greet>().before(not_to_strangers.named("my_app::not_to_strangers"));
    let core = core.build()?;

    let context = Context::new().with_trace();
    core.dispatch(&context, Greet { name: "stranger".to_owned() }).await?;

    let trace = context.trace().ok_or("no trace was asked for")?;
    println!("{trace}");
    let greet = &trace.dispatches[0];
    assert_eq!((greet.outcome.as_ref(), greet.default_runs), ("prevented", 0));
    let hello = &greet.listeners[1];
    assert!(matches!(&hello.fate, Fate::PreventedBy(by) if by.ends_with("not_to_strangers")));

    let page = without_durations(super::PAGE);
    assert!(page.contains(&without_durations(&trace.to_string())), "{trace}");
    Ok(())
}

/// The last word of each line is a duration, where it ends in seconds.
fn without_durations(text: &str) -> String {
    let lines = text.lines().map(|line| match line.rsplit_once(' ') {
        Some((start, duration))
            if duration.ends_with('s') && duration.starts_with(|c: char| c.is_ascii_digit()) =>
        {
            start
        }
        _ => line,
    });
    lines.collect::<Vec<_>>().join("\n")
}
