//! The wiring as a flowchart in the language of Mermaid.

use std::fmt::{self, Write};

use super::{
    Description, EventDescription, ListenerDescription,
    name::{of_listener, on_one_line},
};
use crate::{path::short, phase_name::PhaseName};

/// How many events stand below one another before there is another column, and how many columns there are.
const ROWS: usize = 10;
const COLUMNS: usize = 4;

/// How the boxes of each phase look, in a light page and in a dark one.
const STYLES: [(PhaseName, &str); 7] = [
    (PhaseName::Before, "fill:#dbeafe,stroke:#1d4ed8,color:#0f172a"),
    (PhaseName::Wrap, "fill:#ede9fe,stroke:#6d28d9,color:#0f172a"),
    (PhaseName::Default, "fill:#fef3c7,stroke:#b45309,color:#0f172a,stroke-width:3px"),
    (PhaseName::After, "fill:#dcfce7,stroke:#15803d,color:#0f172a"),
    (PhaseName::Observe, "fill:#f1f5f9,stroke:#475569,color:#0f172a"),
    (PhaseName::Committed, "fill:#ccfbf1,stroke:#0f766e,color:#0f172a"),
    (PhaseName::RolledBack, "fill:#fee2e2,stroke:#b91c1c,color:#0f172a"),
];

impl Description {
    /// It as a flowchart in the language of Mermaid: a frame for each event, in it a box for each listener, in
    /// the order in which they run. Dotted arrows lead to what waits for the commit and for the rollback.
    ///
    /// Names are short here, the last part of a path, and what listeners ask for is left out. Of a large
    /// application draw one event at a time, with [`only`](Self::only): forges draw no picture of more than
    /// 50,000 letters or 500 arrows, invisible ones included.
    pub fn to_mermaid(&self) -> String {
        let mut text = String::new();
        _ = self.write_mermaid(&mut text);
        text
    }

    fn write_mermaid(&self, f: &mut String) -> fmt::Result {
        writeln!(f, "flowchart TB")?;
        let columns = self.events.len().div_ceil(ROWS).clamp(1, COLUMNS);
        let rows = self.events.len().div_ceil(columns).max(1);
        let numbered: Vec<_> = self.events.iter().enumerate().collect();
        // What is defined last is drawn first from the left.
        for column in numbered.chunks(rows).rev() {
            for (number, event) in column {
                write_event(f, *number, event)?;
            }
            for pair in column.windows(2) {
                writeln!(f, "  e{} ~~~ e{}", pair[0].0, pair[1].0)?;
            }
        }
        for (phase, style) in STYLES {
            writeln!(f, "  classDef {} {style}", class(phase))?;
        }
        Ok(())
    }
}

fn write_event(f: &mut String, number: usize, event: &EventDescription) -> fmt::Result {
    let title = format!("{} ({})", event.name, event.nature());
    writeln!(f, "  subgraph e{number}[\"{}\"]\n    direction LR", escaped(&title))?;
    if event.listeners.is_empty() {
        writeln!(f, "    e{number}_0[\"nothing runs on it\"]")?;
    }
    for (index, listener) in event.listeners.iter().enumerate() {
        let (phase, label) = (listener.phase, label(listener, event));
        let (open, close) = if phase == PhaseName::Default { ("([", "])") } else { ("[", "]") };
        writeln!(f, "    e{number}_{index}{open}\"{label}\"{close}:::{}", class(phase))?;
    }
    for (index, removed) in event.removed.iter().enumerate() {
        let words = escaped(&removed.in_words(|name| short(name, 1)));
        writeln!(f, "    e{number}_removed{index}[/\"{words}\"/]")?;
    }
    let (mut trunk, mut branch) = (None, None);
    for (index, listener) in event.listeners.iter().enumerate() {
        let phase = listener.phase;
        let is_branch = matches!(phase, PhaseName::Committed | PhaseName::RolledBack);
        let in_branch = branch.filter(|(_, of)| *of == phase).map(|(from, _)| from);
        let arrow = if is_branch && in_branch.is_none() { "-.->" } else { "-->" };
        if let Some(from) = in_branch.or(trunk) {
            writeln!(f, "    e{number}_{from} {arrow} e{number}_{index}")?;
        }
        if is_branch {
            branch = Some((index, phase));
        } else {
            trunk = Some(index);
        }
    }
    writeln!(f, "  end")
}

/// What stands in a box: the phase and the priority, the name, and a line for whatever else there is.
fn label(listener: &ListenerDescription, event: &EventDescription) -> String {
    let phase = listener.phase.as_str();
    let first = match listener.priority.value() {
        0 => phase.to_owned(),
        priority => format!("{phase}, {priority}"),
    };
    let name = of_listener(listener, event, 1);
    let mut lines = vec![escaped(&first), format!("<b>{}</b>", escaped(&name))];
    lines.extend(listener.notes(event, |name| short(name, 2)).iter().map(|note| escaped(note)));
    lines.join("<br/>")
}

/// The name of the style of a phase.
fn class(phase: PhaseName) -> &'static str {
    match phase {
        PhaseName::Before => "before",
        PhaseName::Wrap => "wrap",
        PhaseName::Default => "default_action",
        PhaseName::After => "after",
        PhaseName::Observe => "observe",
        PhaseName::Committed => "committed",
        PhaseName::RolledBack => "rolled_back",
    }
}

/// The text with whatever means something to Mermaid, to HTML or to Markdown as a number.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for letter in on_one_line(text).chars() {
        if letter.is_alphanumeric()
            || matches!(letter, ' ' | '_' | '-' | ',' | '.' | '/' | '(' | ')')
        {
            escaped.push(letter);
        } else {
            _ = write!(escaped, "#{};", u32::from(letter));
        }
    }
    escaped
}
