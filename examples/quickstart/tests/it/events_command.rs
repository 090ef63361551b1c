//! `quickstart events`: the wiring of the program, shown by the program.

use std::process::{Command, Output, Stdio};

use serde_json::Value;

use crate::home::Home;

fn command(home: &Home, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_quickstart"));
    command
        .args(arguments)
        .env("DATABASE_URL", home.database_url())
        .env("MAILBOX", home.mailbox().path)
        .env("PORT", "0")
        .stdin(Stdio::null());
    command
}

fn run(arguments: &[&str]) -> Output {
    command(&Home::new(), arguments).output().unwrap()
}

/// What it prints; it ends by itself, without a fault and without a word beside.
fn shown(arguments: &[&str]) -> String {
    let output = run(arguments);
    let errors = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{errors}");
    assert_eq!(errors, "");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_program_shows_its_wiring_in_every_format() {
    let text = shown(&["events"]);
    let create = text.find("CreateUserProcess (process, preventable, repeatable)").unwrap();
    let rows: Vec<_> = text[create..].lines().skip(1).take(4).map(str::trim_start).collect();
    assert!(rows[0].starts_with("before         0  extensions::fill_display_name "), "{text}");
    assert!(rows[1].starts_with("before      -256  extensions::create_somewhere_else "), "{text}");
    assert!(rows[1].ends_with("by extensions::register; on a condition"), "{text}");
    assert!(rows[2].starts_with("default        0  create_user::CreateUser "), "{text}");
    assert!(
        rows[3].starts_with("after        256  create_user::ask_for_activation_mail "),
        "{text}"
    );

    let json: Value = serde_json::from_str(&shown(&["events", "--format", "json"])).unwrap();
    let events = json["events"].as_array().unwrap();
    assert!(events.iter().any(|event| event["name"] == "CreateUserProcess"));
    let markdown = shown(&["events", "--format", "markdown"]);
    assert!(markdown.contains("\n## `CreateUserProcess`\n"), "{markdown}");
    let mermaid = shown(&["events", "--format", "mermaid"]);
    assert!(mermaid.starts_with("flowchart TB\n"), "{mermaid}");
    assert!(mermaid.len() < 50_000, "code forges draw it");
}

#[test]
fn the_program_shows_one_event() {
    let text = shown(&["events", "CreateUserProcess"]);
    assert_eq!(text.matches("declared by").count(), 1, "{text}");
}

#[test]
fn a_mistake_is_named_and_the_program_fails() {
    for (arguments, message) in [
        (
            ["events", "CreateUserProces"],
            "Error: there is no event `CreateUserProces`; did you mean `CreateUserProcess`, `UpdateUserProcess`, \
             `ActivateUserProcess` or `RemoveUserProcess`?\n",
        ),
        (
            ["events", "--format=yaml"],
            "Error: there is no format `yaml`; the formats are text, json, markdown and mermaid\n",
        ),
    ] {
        let output = run(&arguments);
        assert!(!output.status.success());
        assert_eq!(String::from_utf8(output.stderr).unwrap(), message);
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn that_nobody_reads_to_the_end_is_no_fault() {
    let home = Home::new();
    let mut child =
        command(&home, &["events"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());

    let output = child.wait_with_output().unwrap();

    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(output.stderr.is_empty());
}
