//! The wiring in all four forms.

mod found;

use std::sync::Arc;

use dullahan_core::{
    Before, Committed, Context, Core, CoreBuilder, DefaultAction, Event, Inject, Listener,
    ListenerOptions as _, Priority, Process, Result, RolledBack, Saga, Wrap,
    describe::{Description, DescriptionFormat},
    phase::PhaseName,
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

impl Listener<DefaultAction<'_, CreateUserProcess>> for CreateInDirectory<dyn Directory> {
    async fn call(&self, _: DefaultAction<'_, CreateUserProcess>) -> Result<u32> {
        self.1.add("CreateInDirectory");
        Ok(7)
    }
}

fn captcha(_: Before<'_, CreateUserProcess>, log: Inject<'_, Log>) -> Result<()> {
    log.add("captcha");
    Ok(())
}

async fn measure(mut ev: Wrap<'_, CreateUserProcess>, log: Inject<'_, Log>) -> Result<u32> {
    log.add("measure");
    ev.next().await
}

fn index(_: Committed<'_, CreateUserProcess>, log: Inject<'_, Log>) -> Result<()> {
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
            .before(captcha)
            .default((|_: DefaultAction<'_, CreateUserProcess>| Ok(7)).named("create"))
            .committed(index)
            .rolled_back(forget);
        core.declare::<Announce>();
    }
    let mut core = Core::builder();
    core.provide(Arc::new(log.clone())).provide::<dyn Directory>(Arc::new(Ldap));
    core.units_of_work(MemoryStore::new(log).provider()).module(users);
    core.event::<CreateUserProcess>()
        .before(log.before("last").priority(Priority::LAST).named("last"))
        .before(
            log.before("trim").priority(10).named("trim").after_listener("captcha").when(|_| true),
        )
        .wrap(measure.priority(5))
        .override_default(|directory: Arc<dyn Directory>, log: Arc<Log>| {
            CreateInDirectory(directory, (*log).clone())
        })
        .after(log.after("closure"))
        .observe(log.observe("audit").named("audit"));
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

    core.dispatch(&Context::new(), CreateUserProcess).await.unwrap();

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
            DescriptionFormat::Json => {
                ran.iter().map(|name| name_in_json(&printed, name)).collect()
            }
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
    expect![[r#"
        RegisterUserSaga (saga), declared by seeing::dump::wired::users at src/users.rs:10
          nothing runs on it

        CreateUserProcess (process, preventable), declared by seeing::dump::wired::users at src/users.rs:20
          before         0  dump::captcha                                 src/users.rs:21  asks for log::Log
          before        10  trim                                          src/users.rs:22  by application; on a condition; ordered after captcha
          before      -256  last                                          src/users.rs:23  by application
          wrap           5  dump::measure                                 src/users.rs:24  by application; asks for log::Log
          default        0  dump::CreateInDirectory<dyn dump::Directory>  src/users.rs:25  by application; in the place of create; asks for dyn dump::Directory, log::Log
          after          0  closure at users.rs:26                        src/users.rs:26  by application
          observe        0  audit                                         src/users.rs:27  by application
          committed      0  dump::index                                   src/users.rs:28  asks for log::Log
          rolled back    0  dump::forget                                  src/users.rs:29

        Announce (event), declared by seeing::dump::wired::users at src/users.rs:30
          nothing runs on it

        modules: 1
          seeing::dump::wired::users
        services: 2
          dyn seeing::dump::Directory
          seeing::support::log::Log
    "#]].assert_eq(&description.to_string());
}

#[test]
fn as_markdown() {
    let description = description(&wired(&Log::new()));
    expect![[r#"
        # Events

        3 events, 1 module, 2 services.

        ## `RegisterUserSaga`

        A saga, declared by `seeing::dump::wired::users` at `src/users.rs:10`.

        Nothing runs on it.

        ## `CreateUserProcess`

        A process, preventable, declared by `seeing::dump::wired::users` at `src/users.rs:20`.

        | | phase | priority | listener | registered at | notes |
        | --: | --- | --: | --- | --- | --- |
        | 1 | before | 0 | `seeing::dump::captcha` | `src/users.rs:21` | asks for `seeing::support::log::Log` |
        | 2 | before | 10 | `trim` | `src/users.rs:22` | by `application`; on a condition; ordered after `captcha` |
        | 3 | before | -256 | `last` | `src/users.rs:23` | by `application` |
        | 4 | wrap | 5 | `seeing::dump::measure` | `src/users.rs:24` | by `application`; asks for `seeing::support::log::Log` |
        | 5 | **default** | 0 | **`seeing::dump::CreateInDirectory<dyn seeing::dump::Directory>`** | `src/users.rs:25` | by `application`; in the place of `create`; asks for `dyn seeing::dump::Directory`, `seeing::support::log::Log` |
        | 6 | after | 0 | `closure at src/users.rs:26` | `src/users.rs:26` | by `application` |
        | 7 | observe | 0 | `audit` | `src/users.rs:27` | by `application` |
        | 8 | committed | 0 | `seeing::dump::index` | `src/users.rs:28` | asks for `seeing::support::log::Log` |
        | 9 | rolled back | 0 | `seeing::dump::forget` | `src/users.rs:29` |  |

        ## `Announce`

        An event, declared by `seeing::dump::wired::users` at `src/users.rs:30`.

        Nothing runs on it.

        ## Modules

        - `seeing::dump::wired::users`

        ## Services

        - `dyn seeing::dump::Directory`
        - `seeing::support::log::Log`
    "#]].assert_eq(&description.to_markdown());
}

#[test]
fn as_json() {
    let description = description(&wired(&Log::new()));
    expect![[r#"
        {
          "modules": [
            "seeing::dump::wired::users"
          ],
          "events": [
            {
              "name": "RegisterUserSaga",
              "type_name": "seeing::dump::RegisterUserSaga",
              "kind": "saga",
              "preventable": false,
              "module": "seeing::dump::wired::users",
              "place": {
                "file": "src/users.rs",
                "line": 10
              },
              "listeners": []
            }
          ],
          "services": []
        }
    "#]]
    .assert_eq(&description.only("RegisterUserSaga").unwrap().to_json());
    let json: serde_json::Value = serde_json::from_str(&description.to_json()).unwrap();
    let listeners = &json["events"][1]["listeners"];
    assert_eq!(
        listeners[1],
        serde_json::json!({
            "name": "trim",
            "phase": "before",
            "priority": 10,
            "module": "application",
            "place": { "file": "src/users.rs", "line": 22 },
            "conditional": true,
            "after": ["captcha"],
        })
    );
    assert_eq!(
        listeners[4],
        serde_json::json!({
            "name": "seeing::dump::CreateInDirectory<dyn seeing::dump::Directory>",
            "phase": "default",
            "priority": 0,
            "module": "application",
            "place": { "file": "src/users.rs", "line": 25 },
            "conditional": false,
            "ports": ["dyn seeing::dump::Directory", "seeing::support::log::Log"],
            "overrides": "create",
        })
    );
    assert_eq!(json, serde_json::to_value(&description).unwrap(), "as with serde");
}

#[test]
fn as_mermaid() {
    let description = description(&wired(&Log::new()));
    expect![[r#"
        flowchart TB
          subgraph e0["RegisterUserSaga (saga)"]
            direction LR
            e0_0["nothing runs on it"]
          end
          subgraph e1["CreateUserProcess (process, preventable)"]
            direction LR
            e1_0["before<br/><b>captcha</b>"]:::before
            e1_1["before, 10<br/><b>trim</b><br/>by application<br/>on a condition<br/>ordered after captcha"]:::before
            e1_2["before, -256<br/><b>last</b><br/>by application"]:::before
            e1_3["wrap, 5<br/><b>measure</b><br/>by application"]:::wrap
            e1_4(["default<br/><b>CreateInDirectory#60;dyn Directory#62;</b><br/>by application<br/>in the place of create"]):::default_action
            e1_5["after<br/><b>closure at users.rs#58;26</b><br/>by application"]:::after
            e1_6["observe<br/><b>audit</b><br/>by application"]:::observe
            e1_7["committed<br/><b>index</b>"]:::committed
            e1_8["rolled back<br/><b>forget</b>"]:::rolled_back
            e1_0 --> e1_1
            e1_1 --> e1_2
            e1_2 --> e1_3
            e1_3 --> e1_4
            e1_4 --> e1_5
            e1_5 --> e1_6
            e1_6 -.-> e1_7
            e1_6 -.-> e1_8
          end
          subgraph e2["Announce (event)"]
            direction LR
            e2_0["nothing runs on it"]
          end
          e0 ~~~ e1
          e1 ~~~ e2
          classDef before fill:#dbeafe,stroke:#1d4ed8,color:#0f172a
          classDef wrap fill:#ede9fe,stroke:#6d28d9,color:#0f172a
          classDef default_action fill:#fef3c7,stroke:#b45309,color:#0f172a,stroke-width:3px
          classDef after fill:#dcfce7,stroke:#15803d,color:#0f172a
          classDef observe fill:#f1f5f9,stroke:#475569,color:#0f172a
          classDef committed fill:#ccfbf1,stroke:#0f766e,color:#0f172a
          classDef rolled_back fill:#fee2e2,stroke:#b91c1c,color:#0f172a
    "#]].assert_eq(&description.to_mermaid());
}

#[test]
fn odd_names_keep_every_format_whole() {
    let log = Log::new();
    let mut core = Core::builder();
    core.declare::<Announce>()
        .before(
            log.before("quotes")
                .priority(2)
                .named("say \"hi\"; `now` | <b>end</b> #35; %%{x}%% & {{y}} [z] (w) \\"),
        )
        .before(log.before("newline").priority(1).named("two\nlines\tand a tab"))
        .before(log.before("style").named("style my::style:fill:#fff; classDef x:#000;"))
        .before(Generic::<Vec<Option<u32>>>::default().priority(-1))
        .before(log.before("empty").priority(-2).named(""))
        .before(log.before("list").priority(-3).named("1. - # *a*"));
    let description = core.build().unwrap().describe();

    let text = description.to_string();
    assert_eq!(text.lines().count(), 10, "one line each:\n{text}");
    assert!(text.contains("dump::Generic<vec::Vec<option::Option<u32>>>"), "{text}");

    let markdown = description.to_markdown();
    let rows: Vec<_> = markdown.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
    assert_eq!(rows.len(), 6, "{markdown}");
    for row in rows {
        let bars = row.replace("\\|", "").matches('|').count();
        assert_eq!(bars, 7, "{row}");
    }
    assert!(markdown.contains("``say \"hi\"; `now` \\| <b>end</b> "), "{markdown}");

    let mermaid = description.to_mermaid();
    for line in mermaid.lines().filter(|line| line.contains("<br/>")) {
        let label = line.split('"').nth(1).unwrap();
        assert_eq!(line.matches('"').count(), 2, "{line}");
        let plain = label.replace("<br/>", "").replace("<b>", "").replace("</b>", "");
        assert!(!plain.contains(['<', '>', '`', '|', '&', '%', '{', '[', ':']), "{line}");
    }
    assert!(mermaid.contains("<b>Generic#60;Vec#60;Option#60;u32#62;#62;#62;</b>"), "{mermaid}");

    let json: serde_json::Value = serde_json::from_str(&description.to_json()).unwrap();
    assert_eq!(json["events"][0]["listeners"][1]["name"], "two\nlines\tand a tab");
}

/// A functor with a type parameter.
#[derive(Default)]
struct Generic<T>(std::marker::PhantomData<fn() -> T>);

impl<T: 'static> Listener<Before<'_, Announce>> for Generic<T> {
    async fn call(&self, _: Before<'_, Announce>) -> Result<()> {
        Ok(())
    }
}
