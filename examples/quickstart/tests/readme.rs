//! What the README shows is what there is.

use dullahan_core::{Before, Core, CoreBuilder, DefaultAction, ListenerOptions as _, Result};
use dullahan_core_bridge_sqlx::SqliteStore;
use dullahan_user::{
    UserModule,
    domain::{Settings, User},
    presentation::event::transport::CreateUserProcess,
};

const README: &str = include_str!("../../../README.md");
const EXTENSIONS: &str = include_str!("../src/extensions.rs");

fn fill_display_name(mut ev: Before<'_, CreateUserProcess>) -> Result<()> {
    ev.user.display_name = ev.user.email.local_part().parse().ok();
    Ok(())
}

async fn create_in_directory(ev: DefaultAction<'_, CreateUserProcess>) -> Result<User> {
    Ok(ev.user.to_user())
}

fn directory(core: &mut CoreBuilder) {
    core.event::<CreateUserProcess>().default(create_in_directory);
}

fn extensions(core: &mut CoreBuilder) {
    core.event::<CreateUserProcess>().before(fill_display_name);
    core.event::<CreateUserProcess>().before(fill_display_name.priority(10));
}

#[tokio::test]
async fn the_report_of_a_wrong_wiring_is_as_shown() {
    let store = SqliteStore::open("sqlite::memory:").await.unwrap();
    dullahan_user_bridge_sqlx::migrate(&store).await.unwrap();
    let error = Core::builder()
        .module(UserModule::new(Settings::default()))
        .module(dullahan_user_bridge_sqlx::module(store))
        .module(directory)
        .module(extensions)
        .build()
        .unwrap_err();
    let report = format!("Error: {error:?}").replace("readme::", "my_app::");
    let shown = README
        .split("```text\n")
        .find(|block| block.starts_with("Error: the wiring has"))
        .and_then(|block| block.split("\n```").next())
        .expect("the README shows a report");
    assert_eq!(without_places(shown), without_places(&report));
}

#[test]
fn the_listeners_are_as_shown() {
    let functions: Vec<_> = README
        .split("```rust,ignore\n")
        .nth(1)
        .and_then(|block| block.split("\npub fn register").next())
        .expect("the README shows the listeners")
        .trim()
        .split("\n\n")
        .collect();
    assert_eq!(functions.len(), 5);
    for function in functions {
        assert!(EXTENSIONS.contains(function), "not in extensions.rs:\n{function}");
    }
}

#[test]
fn no_extension_has_more_than_eight_lines_of_body() {
    let bodies: Vec<_> = EXTENSIONS
        .split("\n}\n")
        .filter_map(|function| function.split_once("Result<()> {\n"))
        .map(|(_, body)| body.lines().count())
        .collect();
    assert_eq!(bodies.len(), 5);
    assert!(bodies.iter().all(|lines| *lines <= 8), "{bodies:?}");
}

/// The report with every place replaced, since lines move.
fn without_places(report: &str) -> String {
    let is_place = |word: &str| word.contains(".rs:");
    report
        .split(' ')
        .map(|word| if is_place(word) { "<place>" } else { word })
        .collect::<Vec<_>>()
        .join(" ")
}
