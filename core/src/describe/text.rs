//! The wiring as text.

use std::fmt;

use super::Description;

impl fmt::Display for Description {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for event in &self.events {
            let preventable = if event.preventable { ", preventable" } else { "" };
            writeln!(f, "{} ({}{preventable}) {}", event.name, event.kind.as_str(), event.place)?;
            for listener in &event.listeners {
                write!(
                    f,
                    "  {:<11} {:>4}  {}",
                    listener.phase.as_str(),
                    listener.priority.value(),
                    listener.name
                )?;
                if listener.conditional {
                    f.write_str(", on a condition")?;
                }
                if let Some(overridden) = &listener.overrides {
                    write!(f, ", in the place of {overridden}")?;
                }
                writeln!(f, "  {}", listener.place)?;
            }
        }
        writeln!(f, "services: {}", self.services.join(", "))
    }
}
