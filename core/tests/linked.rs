//! Listeners found at link time: what is registered, in which order, and what a crate needs to be linked.

#![cfg(feature = "inventory")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use dullahan_core::{
    Core, CoreBuilder, DefaultAction, Error, Event, ListenerOptions as _, Result, defect::Defect,
    describe::Description,
};
use expect_test::expect;

#[derive(Event)]
#[event(output = String, preventable)]
struct Greet {
    name: String,
}

fn greetings(core: &mut CoreBuilder) {
    core.declare::<Greet>().default(
        (|ev: DefaultAction<'_, Greet>| Ok(format!("Hello, {}!", ev.name))).named("greet"),
    );
}

/// Its modules, and the functions in them, stand in no order that would be theirs by chance.
mod listeners {
    pub(crate) mod zebra {
        use dullahan_core::{Before, Result, listener};

        use crate::Greet;

        #[listener]
        pub(crate) async fn late(_ev: Before<'_, Greet>) -> Result<()> {
            Ok(())
        }

        #[listener(name = "also late", priority = 1, after = "bee::early")]
        pub(crate) fn early(_ev: Before<'_, Greet>) -> Result<()> {
            Ok(())
        }
    }

    pub(crate) mod ant {
        use dullahan_core::{
            After, Before, Committed, Observe, Priority, Result, RolledBack, Wrap, listener,
        };

        use crate::Greet;

        #[listener]
        pub(crate) fn c(_ev: Before<'_, Greet>) -> Result<()> {
            Ok(())
        }

        #[listener(priority = Priority::LAST)]
        pub(crate) async fn b(_ev: After<'_, Greet>) -> Result<()> {
            Ok(())
        }

        #[listener]
        pub(crate) async fn around(mut ev: Wrap<'_, Greet>) -> Result<String> {
            ev.next().await
        }

        #[listener]
        pub(crate) fn a(_ev: Before<'_, Greet>) -> Result<()> {
            Ok(())
        }

        #[listener]
        pub(crate) fn watch(_ev: Observe<'_, Greet>) -> Result<()> {
            Ok(())
        }

        #[listener]
        pub(crate) async fn stored(_ev: Committed<'_, Greet>) -> Result<()> {
            Ok(())
        }

        #[listener]
        pub(crate) async fn undone(_ev: RolledBack<'_, Greet>) -> Result<()> {
            Ok(())
        }
    }

    pub(crate) mod bee {
        use dullahan_core::{Before, Result, listener};

        use crate::Greet;

        #[listener(before = ["ant::c", "ant::a"])]
        pub(crate) fn early(_ev: Before<'_, Greet>) -> Result<()> {
            Ok(())
        }
    }
}

/// The same listeners by hand, by module path and name.
fn by_hand(core: &mut CoreBuilder) {
    use listeners::{ant, bee, zebra};

    core.event::<Greet>()
        .before(ant::a)
        .wrap(ant::around)
        .after(ant::b.priority(-256))
        .before(ant::c)
        .committed(ant::stored)
        .rolled_back(ant::undone)
        .observe(ant::watch)
        .before(bee::early.before_listener("ant::c").before_listener("ant::a"))
        .before(zebra::early.priority(1).named("also late").after_listener("bee::early"))
        .before(zebra::late);
}

/// The wiring with every listener in one place: what is left has to be the same.
fn without_places(core: &Core) -> Description {
    let mut wiring = core.describe();
    for event in &mut wiring.events {
        for listener in &mut event.listeners {
            listener.place = event.place;
        }
    }
    wiring
}

#[test]
fn discovered_equals_registered() -> Result<()> {
    let discovered = Core::builder().module(greetings).discover_in("linked::listeners").build()?;
    let mut registered = Core::builder();
    by_hand(registered.module(greetings));
    let registered = registered.build()?;
    assert_eq!(without_places(&discovered).to_string(), without_places(&registered).to_string());
    assert_eq!(
        format!("{:?}", without_places(&discovered)),
        format!("{:?}", without_places(&registered))
    );
    Ok(())
}

#[test]
fn link_time_order_is_repeatable() -> Result<()> {
    let core = Core::builder().module(greetings).discover_in("linked::listeners").build()?;
    let order: Vec<_> = core.describe().events[0]
        .listeners
        .iter()
        .map(|listener| format!("{} {}\n", listener.phase.as_str(), listener.name))
        .collect();
    expect![[r#"
        before linked::listeners::bee::early
        before also late
        before linked::listeners::ant::a
        before linked::listeners::ant::c
        before linked::listeners::zebra::late
        wrap linked::listeners::ant::around
        default greet
        after linked::listeners::ant::b
        observe linked::listeners::ant::watch
        committed linked::listeners::ant::stored
        rolled back linked::listeners::ant::undone
    "#]]
    .assert_eq(&order.concat());
    Ok(())
}

#[test]
fn a_linked_listener_stands_where_its_function_stands() -> Result<()> {
    let core = Core::builder().module(greetings).discover_in("linked::listeners").build()?;
    for listener in &core.describe().events[0].listeners {
        assert_eq!(listener.place.file, file!());
        let line = include_str!("linked.rs").lines().nth(listener.place.line as usize - 1).unwrap();
        let function = listener.name.rsplit("::").next().unwrap().replace("also late", "early");
        assert!(line.contains(&format!("fn {function}(")) || function == "greet", "{line}");
    }
    Ok(())
}

#[test]
fn what_is_discovered_again_is_registered_once() -> Result<()> {
    let once = Core::builder().module(greetings).discover_in(module_path!()).build()?;
    let again = Core::builder()
        .module(greetings)
        .discover_in("linked::listeners::ant")
        .discover()
        .discover_in("linked::listeners")
        .build()?;
    assert_eq!(once.describe().to_string(), again.describe().to_string());
    Ok(())
}

#[test]
fn discovered_and_registered_is_twice() {
    let mut core = Core::builder();
    core.module(greetings).discover();
    core.event::<Greet>().before(listeners::zebra::late);
    let error = core.build().unwrap_err();
    assert!(
        matches!(error.defects(), [Defect::ListenerTwice { listener, .. }] if listener == "linked::listeners::zebra::late"),
        "{error}"
    );
}

#[test]
fn core_15_an_overlay_discovers_what_its_base_has_once() -> Result<()> {
    let core = Core::builder().module(greetings).discover_in("linked::listeners::ant").build()?;
    let more = core.overlay(|overlay| {
        overlay.discover();
    })?;
    let same = more.overlay(|overlay| {
        overlay.discover_in("linked::listeners").discover();
    })?;
    let all = Core::builder().module(greetings).discover().build()?;
    let names = |core: &Core| {
        let listeners = core.describe().events.remove(0).listeners;
        listeners.into_iter().map(|listener| listener.name).collect::<Vec<_>>()
    };
    assert!(names(&core).len() < names(&all).len());
    assert_eq!(names(&more), names(&all));
    assert_eq!(names(&same), names(&all));
    Ok(())
}

#[test]
fn a_module_discovers_its_own() -> Result<()> {
    fn extension(core: &mut CoreBuilder) {
        core.discover_in("linked::listeners");
    }
    let core = Core::builder().module(greetings).module(extension).build()?;
    let modules: Vec<_> = core.describe().events[0]
        .listeners
        .iter()
        .map(|listener| listener.module.contains("extension"))
        .collect();
    assert_eq!(modules.iter().filter(|is_extension| **is_extension).count(), modules.len() - 1);
    Ok(())
}

#[test]
fn nothing_linked_names_what_is() {
    let error = Core::builder()
        .discover_in("linked::listener")
        .discover_in("my-listeners")
        .discover_from(lost::LISTENERS)
        .build()
        .unwrap_err();
    expect![[r#"
        the wiring has 3 defects:

        1. no linked listener was found in `linked::listener`
           core/tests/linked.rs: to be discovered here
           `linked` is linked, but has its `#[listener]` functions in other modules

        2. no linked listener was found in `my_listeners`
           core/tests/linked.rs: to be discovered here
           if `my_listeners` has `#[listener]` functions, it is not linked, because nothing in this program names it: add `use my_listeners as _;`, or give it a `link_anchor!()` and use `discover_from`
           crates with linked listeners: linked

        3. no linked listener was found in `linked::lost`
           core/tests/linked.rs: to be discovered here
           core/tests/linked.rs: its anchor
           put the anchor into the root of the crate that has the `#[listener]` functions; if it stands there, the linker dropped them: link the crate whole, or register them by hand"#]].assert_eq(&without_lines(&error.to_string()));
}

/// A module with an anchor and without listeners.
mod lost {
    pub(crate) const LISTENERS: dullahan_core::builder::LinkAnchor = dullahan_core::link_anchor!();
}

#[test]
fn stripped_listener_crate_is_reported() -> Result<()> {
    let workspace = Workspace::copy()?;
    let debug = workspace.build("dev")?;
    let release = workspace.build("release")?;
    let prints = |program| {
        let printed = debug.run(program)?;
        assert_eq!(printed, release.run(program)?, "{program}");
        Ok::<_, Error>(without_lines(&printed))
    };
    let (unnamed, named, anchored) = (prints("unnamed")?, prints("named")?, prints("anchored")?);
    expect![[r#"
        default greet module/src/lib.rs
        the wiring has 1 defect:

        1. no linked listener was found in `linked_listeners`
           app/src/bin/unnamed.rs: to be discovered here
           if `linked_listeners` has `#[listener]` functions, it is not linked, because nothing in this program names it: add `use linked_listeners as _;`, or give it a `link_anchor!()` and use `discover_from`
           crates with linked listeners: none
    "#]].assert_eq(&unnamed);
    expect![[r#"
        before linked_listeners::shallow listeners/src/lib.rs
        default greet module/src/lib.rs
        after linked_listeners::deep::deep listeners/src/deep.rs
    "#]]
    .assert_eq(&named);
    assert_eq!(named, anchored);
    Ok(())
}

/// The text without the numbers of lines, which change with every line above.
fn without_lines(text: &str) -> String {
    let mut parts = text.split(".rs:");
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        text + ".rs" + part.trim_start_matches(|digit: char| digit.is_ascii_digit())
    })
}

/// The workspace in `tests/linked`, copied to where building it leaves the sources alone.
struct Workspace {
    root: PathBuf,
}

impl Workspace {
    fn copy() -> Result<Self> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = Path::new(env!("CARGO_TARGET_TMPDIR")).join("linked");
        copy(&here.join("tests/linked"), &root, &|text| {
            text.replace("path = \"../..\"", &format!("path = {here:?}"))
        })?;
        // The versions that are there already, so that nothing has to be fetched.
        fs::copy(here.join("../Cargo.lock"), root.join("Cargo.lock"))?;
        Ok(Self { root })
    }

    fn build(&self, profile: &str) -> Result<Programs> {
        let target = self.root.with_file_name("linked-target");
        let status = Command::new(env!("CARGO"))
            .args(["build", "--quiet", "--offline", "--profile", profile])
            .current_dir(&self.root)
            .env("CARGO_TARGET_DIR", &target)
            .status()?;
        assert!(status.success(), "profile {profile}: {status}");
        Ok(Programs { folder: target.join(if profile == "dev" { "debug" } else { profile }) })
    }
}

/// Copies a folder of texts, and leaves alone what is there already, so that it is not built again.
fn copy(from: &Path, to: &Path, change: &impl Fn(&str) -> String) -> Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (source, target) = {
            let name = entry?.file_name();
            (from.join(&name), to.join(&name))
        };
        if source.is_dir() {
            copy(&source, &target, change)?;
        } else {
            let text = change(&fs::read_to_string(&source)?);
            if !fs::read_to_string(&target).is_ok_and(|there| there == text) {
                fs::write(&target, text)?;
            }
        }
    }
    Ok(())
}

struct Programs {
    folder: PathBuf,
}

impl Programs {
    fn run(&self, program: &str) -> Result<String> {
        let output = Command::new(self.folder.join(program)).output()?;
        assert!(output.status.success(), "{program}: {output:?}");
        Ok(String::from_utf8(output.stdout)?)
    }
}
