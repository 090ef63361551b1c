//! What the program prints to be tried can be tried, word by word.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Command, Stdio},
};

use crate::{
    home::{Home, eventually},
    server::Server,
};

/// The paragraphs of the guide that have commands, each with its commands.
fn sections(server: &mut Server, count: usize) -> Vec<String> {
    let mut sections = Vec::new();
    let mut commands = String::new();
    while sections.len() < count {
        let line = server.next_line().expect("the guide is complete");
        if let Some(command) = line.strip_prefix("   ") {
            commands.push_str(command);
            commands.push('\n');
        } else if line.is_empty() && !commands.is_empty() {
            sections.push(std::mem::take(&mut commands));
        }
    }
    sections
}

#[tokio::test]
async fn the_commands_of_the_guide_run_as_they_are_printed() {
    let home = Home::new();
    let mut server = home.start();
    let expected: [&[u16]; 5] = [&[202], &[204], &[200], &[200, 200], &[204, 401]];
    let sections = sections(&mut server, expected.len());

    let mut bash = Command::new("bash")
        .arg("-u")
        .current_dir(home.path())
        .env("NO_PROXY", "*")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut shell = bash.stdin.take().unwrap();
    let mut output = BufReader::new(bash.stdout.take().unwrap()).lines();
    for (commands, expected) in sections.iter().zip(expected) {
        // The answers end without a line break.
        writeln!(shell, "{commands}\nprintf '\\n-- done\\n'").unwrap();
        let printed: Vec<_> =
            output.by_ref().map(Result::unwrap).take_while(|line| line != "-- done").collect();
        let printed = printed.join("\n");
        let answers = printed.split("HTTP/1.1 ").skip(1);
        let statuses: Vec<u16> = answers.map(|answer| answer[..3].parse().unwrap()).collect();
        assert_eq!(statuses, expected, "{commands}\n{printed}");
        // A person reads the mail before the next step.
        eventually("the mail is there", async || {
            (!home.mailbox().mails().is_empty()).then_some(())
        })
        .await;
    }
    drop(shell);
    assert!(bash.wait().unwrap().success());

    let commands = sections.concat();
    assert_eq!(commands.matches("curl").count(), 8);
    server.ask_to_stop();
    while let Some(line) = server.next_line() {
        assert!(!line.contains("curl"), "a command that was not tried: {line}");
    }
    assert_eq!(home.log(), "");
}
