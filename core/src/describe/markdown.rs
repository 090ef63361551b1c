//! The wiring as Markdown, to keep in a repository.

use std::fmt::{self, Write};

use super::{
    Description, EventDescription,
    name::{count, on_one_line},
};
use crate::{event::Kind, phase_name::PhaseName};

impl Description {
    /// It as Markdown: a table for each event, in which the default action is bold.
    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        _ = self.write_markdown(&mut text);
        text
    }

    fn write_markdown(&self, f: &mut String) -> fmt::Result {
        writeln!(f, "# Events\n")?;
        let (events, modules) =
            (count(self.events.len(), "event"), count(self.modules.len(), "module"));
        let services = count(self.services.len(), "service");
        writeln!(f, "{events}, {modules}, {services}.\n")?;
        for event in &self.events {
            write_event(f, event)?;
        }
        write_names(f, "Modules", &self.modules)?;
        writeln!(f)?;
        write_names(f, "Services", &self.services)?;
        for service in &self.overridden {
            writeln!(f, "- {}", service.in_words(code))?;
        }
        Ok(())
    }
}

fn write_event(f: &mut String, event: &EventDescription) -> fmt::Result {
    let article = if event.kind == Kind::Event { "An" } else { "A" };
    let (nature, module, place) =
        (event.nature(), code(event.module), code(&event.place.to_string()));
    writeln!(
        f,
        "## {}\n\n{article} {nature}, declared by {module} at {place}.\n",
        code(event.name)
    )?;
    for removed in &event.removed {
        writeln!(f, "{}.\n", removed.in_words(code))?;
    }
    if event.listeners.is_empty() {
        return writeln!(f, "Nothing runs on it.\n");
    }
    writeln!(f, "| | phase | priority | listener | registered at | notes |")?;
    writeln!(f, "| --: | --- | --: | --- | --- | --- |")?;
    for (index, listener) in event.listeners.iter().enumerate() {
        let (number, priority) = (index + 1, listener.priority.value());
        let bold = if listener.phase == PhaseName::Default { "**" } else { "" };
        let name = in_cell(&code(&listener.name));
        let place = in_cell(&code(&listener.place.to_string()));
        let notes = in_cell(&listener.all_notes(event, code));
        let phase = listener.phase.as_str();
        writeln!(
            f,
            "| {number} | {bold}{phase}{bold} | {priority} | {bold}{name}{bold} | {place} | {notes} |"
        )?;
    }
    writeln!(f)
}

fn write_names(f: &mut String, what: &str, names: &[&str]) -> fmt::Result {
    writeln!(f, "## {what}\n")?;
    if names.is_empty() {
        writeln!(f, "None.")?;
    }
    names.iter().try_for_each(|name| writeln!(f, "- {}", code(name)))
}

/// A name as it is, whatever is in it.
fn code(name: &str) -> String {
    let name = on_one_line(name);
    let mut fence = "`".to_owned();
    while name.contains(&fence) {
        fence.push('`');
    }
    let space = if name.starts_with('`') || name.ends_with('`') { " " } else { "" };
    format!("{fence}{space}{name}{space}{fence}")
}

/// In a table a bar ends the cell, even in code.
fn in_cell(text: &str) -> String {
    text.replace('|', "\\|")
}
