//! The wiring as text, to read in a terminal.

use std::fmt;

use super::{
    Description, EventDescription,
    name::{of_listener, on_one_line},
};
use crate::path::short;

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.events {
            write_event(f, event)?;
            writeln!(f)?;
        }
        write_names(f, "modules", &self.modules)?;
        write_names(f, "services", &self.services)?;
        for service in &self.overridden {
            writeln!(f, "  {}", on_one_line(&service.in_words(str::to_owned)))?;
        }
        Ok(())
    }
}

/// An event, and below it a line for each listener, in columns.
fn write_event(f: &mut fmt::Formatter<'_>, event: &EventDescription) -> fmt::Result {
    let EventDescription { name, module, place, listeners, .. } = event;
    writeln!(f, "{name} ({}), declared by {} at {place}", event.nature(), on_one_line(module))?;
    if listeners.is_empty() {
        writeln!(f, "  nothing runs on it")?;
    }
    let rows: Vec<_> = listeners
        .iter()
        .map(|listener| {
            let phase = listener.phase.as_str().to_owned();
            let priority = listener.priority.value().to_string();
            let name = of_listener(listener, event, 2);
            let notes = listener.all_notes(event, |name| short(name, 2));
            [phase, priority, name, listener.place.to_string(), on_one_line(&notes)]
        })
        .collect();
    let width = |column: usize, least: usize| {
        rows.iter().map(|row| row[column].chars().count()).fold(least, usize::max)
    };
    let (priority_width, name_width, place_width) = (width(1, 4), width(2, 0), width(3, 0));
    for [phase, priority, name, place, notes] in &rows {
        write!(f, "  {phase:<11} {priority:>priority_width$}  {name:<name_width$}  ")?;
        match notes.as_str() {
            "" => writeln!(f, "{place}")?,
            notes => writeln!(f, "{place:<place_width$}  {notes}")?,
        }
    }
    for removed in &event.removed {
        writeln!(f, "  {}", on_one_line(&removed.in_words(|name| short(name, 2))))?;
    }
    Ok(())
}

fn write_names(f: &mut fmt::Formatter<'_>, what: &str, names: &[&str]) -> fmt::Result {
    if names.is_empty() {
        return writeln!(f, "{what}: none");
    }
    writeln!(f, "{what}: {}", names.len())?;
    names.iter().try_for_each(|name| writeln!(f, "  {}", on_one_line(name)))
}
