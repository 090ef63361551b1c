//! The code of `core/docs/compiler-messages.md`.

use std::{fs, path::Path};

use dullahan_core::{
    Before, Committed, Context, Core, DefaultAction, Error, Event, Process, Result,
};

use crate::{log::Log, memory_store::MemoryStore};

const PAGE: &str = include_str!("../../docs/compiler-messages.md");

#[derive(Event)]
struct SignIn;

#[derive(Event)]
struct WarmCache;

#[derive(Event)]
struct RememberDevice;

#[derive(Event)]
struct CountSignIn;

#[derive(Event)]
struct AskService;

#[derive(Process)]
struct SignUpProcess;

fn parse() -> std::result::Result<(), Box<dyn std::error::Error + Send + Sync>> {
    Err("it is no number".into())
}

fn check(_: Before<'_, SignIn>) -> Result<()> {
    parse().map_err(Error::from_boxed)?;
    Ok(())
}

fn warm_cache(ev: Committed<'_, SignUpProcess>) -> Result<()> {
    let (core, context) = ev.detached();
    tokio::spawn(async move { core.dispatch(&context, WarmCache).await });
    Ok(())
}

async fn one_after_the_other(mut ev: Before<'_, SignIn>) -> Result<()> {
    ev.dispatch(RememberDevice).await?;
    ev.dispatch(CountSignIn).await
}

async fn at_the_same_time(ev: Before<'_, SignIn>) -> Result<()> {
    let (core, context) = ev.detached();
    let ask = || core.dispatch(&context, AskService);
    let (one, other) = tokio::join!(ask(), ask());
    one.and(other)
}

#[test]
fn the_compiler_says_what_the_page_quotes() {
    let tests = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/ui");
    let messages: String = fs::read_dir(tests)
        .unwrap()
        .filter_map(|file| fs::read_to_string(file.ok()?.path()).ok())
        .collect();
    let quoted: Vec<_> = PAGE.lines().filter(|line| line.starts_with("error")).collect();
    assert!(quoted.len() > 8);
    for line in quoted {
        assert!(messages.contains(line), "no test in tests/ui has this message: {line}");
    }
}

#[tokio::test]
async fn a_boxed_error_is_passed_on() {
    let mut core = Core::builder();
    core.declare::<SignIn>().before(check);
    let core = core.build().unwrap();
    let error = core.dispatch(&Context::new(), SignIn).await.unwrap_err();
    assert!(error.to_string().contains("it is no number"), "{error}");
}

#[tokio::test]
async fn a_spawned_task_dispatches() {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let mut core = Core::builder();
    core.units_of_work(std::sync::Arc::new(MemoryStore::default()));
    core.declare::<WarmCache>()
        .before(move |_: Before<'_, WarmCache>| sender.send("warm").map_err(Error::internal));
    core.declare::<SignUpProcess>()
        .default(|_: DefaultAction<'_, SignUpProcess>| Ok(()))
        .committed(warm_cache);
    let core = core.build().unwrap();
    core.dispatch(&Context::new(), SignUpProcess).await.unwrap();
    assert_eq!(receiver.recv().await, Some("warm"));
}

#[tokio::test]
async fn a_listener_dispatches_twice() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<RememberDevice>().before(log.before("remember"));
    core.declare::<CountSignIn>().before(log.before("count"));
    core.declare::<AskService>().before(log.before("ask"));
    core.declare::<SignIn>().before(one_after_the_other).before(at_the_same_time);
    let core = core.build().unwrap();
    core.dispatch(&Context::new(), SignIn).await.unwrap();
    assert_eq!(log.take(), ["remember", "count", "ask", "ask"]);
}
