//! The wiring in all four forms.

use std::sync::Arc;

use dullahan_core::{
    Before, Committed, Core, CoreBuilder, Description, DescriptionFormat, Event, Kind, Listener,
    Perform, PhaseName, Priority, Process, Result, RolledBack, Saga, Service, Wrap,
};
use expect_test::expect;

use crate::support::{Log, MemoryStore};

#[derive(Saga)]
struct RegisterUserSaga;

#[derive(Process)]
#[event(output = u32, preventable)]
struct CreateUserProcess;

#[derive(Event)]
struct Announce;

trait Directory: Send + Sync {}

struct Ldap;

impl Directory for Ldap {}

/// A default action with a port.
struct CreateInDirectory<D: ?Sized>(Arc<D>, Log);

impl Listener<Perform<'_, CreateUserProcess>> for CreateInDirectory<dyn Directory> {
    async fn call(&self, _: Perform<'_, CreateUserProcess>) -> Result<u32> {
        self.1.add("CreateInDirectory");
        Ok(7)
    }
}

fn captcha(_: Before<'_, CreateUserProcess>, log: Service<'_, Log>) -> Result<()> {
    log.add("captcha");
    Ok(())
}

async fn measure(mut ev: Wrap<'_, CreateUserProcess>, log: Service<'_, Log>) -> Result<u32> {
    log.add("measure");
    ev.next().await
}

fn index(_: Committed<'_, CreateUserProcess>, log: Service<'_, Log>) -> Result<()> {
    log.add("index");
    Ok(())
}

fn forget(_: RolledBack<'_, CreateUserProcess>) -> Result<()> {
    Ok(())
}

/// A module and an application with something of everything.
fn wired(log: &Log) -> Core {
    fn users(core: &mut CoreBuilder) {
        core.declare::<RegisterUserSaga>();
        core.declare::<CreateUserProcess>()
            .before(0, captcha)
            .default(|_: Perform<'_, CreateUserProcess>| Ok(7))
            .named("create")
            .committed(index)
            .rolled_back(forget);
        core.declare::<Announce>();
    }
    let mut core = Core::builder();
    core.provide(Arc::new(log.clone())).provide::<dyn Directory>(Arc::new(Ldap));
    core.units_of_work(MemoryStore::new(log).provider()).module(users);
    core.event::<CreateUserProcess>()
        .before(Priority::LAST, log.before("last"))
        .named("last")
        .before(10, log.before("trim"))
        .named("trim")
        .after_listener("captcha")
        .when(|_| true)
        .wrap(5, measure)
        .override_default(|directory: Arc<dyn Directory>, log: Arc<Log>| {
            CreateInDirectory(directory, (*log).clone())
        })
        .after(0, log.after("closure"))
        .observe(log.observe("audit"))
        .named("audit");
    core.build().unwrap()
}

/// The wiring, with places that stay when the lines of this file move.
fn description(core: &Core) -> Description {
    let mut description = core.describe();
    for (number, event) in (1..).zip(&mut description.events) {
        event.place.file = "src/users.rs";
        event.place.line = 10 * number;
        for (number, listener) in (1..).zip(&mut event.listeners) {
            let place = listener.place.to_string();
            listener.place.file = "src/users.rs";
            listener.place.line = event.place.line + number;
            listener.name = listener.name.replace(&place, &listener.place.to_string());
        }
    }
    description
}

/// The names in the order in which they stand in a text; all of them are in it.
fn in_order_of_place<'n>(text: &str, names: &[&'n str]) -> Vec<&'n str> {
    let mut placed: Vec<_> = names
        .iter()
        .map(|name| (text.find(name).unwrap_or_else(|| panic!("no {name} in\n{text}")), *name))
        .collect();
    placed.sort_unstable();
    placed.into_iter().map(|(_, name)| name).collect()
}

#[tokio::test]
async fn dump_shows_run_order() {
    let log = Log::new();
    let core = wired(&log);

    core.run_process(CreateUserProcess).await.unwrap();

    let ran = log.take();
    let ran: Vec<_> = ran.iter().filter_map(|entry| entry.split(':').next()).collect();
    assert_eq!(
        ran,
        ["captcha", "trim", "last", "measure", "CreateInDirectory", "closure", "audit", "index"]
    );
    let description = core.describe().only("CreateUserProcess").unwrap();
    let shown: Vec<_> = description.events[0]
        .listeners
        .iter()
        .filter(|listener| listener.phase != PhaseName::RolledBack)
        .map(|listener| {
            *ran.iter().find(|name| listener.name.contains(**name)).expect("each of them ran")
        })
        .collect();
    assert_eq!(shown, ran, "as data");
    for format in DescriptionFormat::ALL {
        let printed = description.to_format(format);
        let listeners = match format {
            DescriptionFormat::Text => printed.split_once('\n').unwrap().1,
            DescriptionFormat::Json => printed.split_once("\"listeners\"").unwrap().1,
            DescriptionFormat::Markdown => printed.split_once("| --: |").unwrap().1,
            _ => printed.split_once("direction").unwrap().1,
        };
        let names: Vec<_> = match format {
            DescriptionFormat::Json => ran.iter().map(|name| name_in_json(&printed, name)).collect(),
            _ => ran.iter().map(|name| (*name).to_owned()).collect(),
        };
        let mut shuffled: Vec<_> = names.iter().map(String::as_str).collect();
        shuffled.sort_unstable();
        assert_eq!(in_order_of_place(listeners, &shuffled), names, "{format:?}\n{printed}");
    }
}

/// The line of JSON in which a listener is named.
fn name_in_json(json: &str, name: &str) -> String {
    let named = |line: &&str| line.contains("\"name\": ") && line.contains(name);
    json.lines().find(named).unwrap_or_else(|| panic!("no {name} in\n{json}")).to_owned()
}

#[test]
fn as_text() {
    let description = description(&wired(&Log::new()));
    expect![[r#""#]].assert_eq(&description.to_string());
}

#[test]
fn as_markdown() {
    let description = description(&wired(&Log::new()));
    expect![[r#""#]].assert_eq(&description.to_markdown());
}

#[test]
fn as_json() {
    let description = description(&wired(&Log::new()));
    expect![[r#""#]].assert_eq(&description.only("RegisterUserSaga").unwrap().to_json());
    let json: serde_json::Value = serde_json::from_str(&description.to_json()).unwrap();
    expect![[r#""#]].assert_eq(&format!("{:#}", json["events"][1]["listeners"][1]));
    expect![[r#""#]].assert_eq(&format!("{:#}", json["events"][1]["listeners"][4]));
    assert_eq!(json, serde_json::to_value(&description).unwrap(), "as with serde");
}

#[test]
fn as_mermaid() {
    let description = description(&wired(&Log::new()));
    expect![[r#""#]].assert_eq(&description.to_mermaid());
}
