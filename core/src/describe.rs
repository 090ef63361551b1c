//! The whole wiring as data.

mod text;

use std::fmt;

use serde::Serialize;

use crate::{dispatcher::Inner, event::Kind, phase::PhaseName, priority::Priority};

/// The whole wiring of a core, as data; it prints as text and serialises as JSON, say.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Description {
    /// The modules, in the order in which they were added.
    pub modules: Vec<&'static str>,
    /// The events, in the order in which they were declared.
    pub events: Vec<EventDescription>,
    /// The ports that have a service, sorted.
    pub services: Vec<&'static str>,
}

/// One event and whatever runs when it is dispatched.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct EventDescription {
    /// Its name in traces and errors.
    pub name: &'static str,
    /// The path of its type.
    pub type_name: &'static str,
    /// Event, process or saga.
    pub kind: Kind,
    /// Whether a listener may prevent the default.
    pub preventable: bool,
    /// The module that declares it.
    pub module: &'static str,
    /// Where it is declared.
    pub place: Place,
    /// Whatever runs, in the order in which it runs, the default action in its place.
    pub listeners: Vec<ListenerDescription>,
}

/// A listener or a default action.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct ListenerDescription {
    /// Its name: the path of the function or functor, or what `.named(..)` said.
    pub name: String,
    /// In which phase it runs.
    pub phase: PhaseName,
    /// Its priority in the phase.
    pub priority: Priority,
    /// The module that registered it.
    pub module: &'static str,
    /// Where it was registered.
    pub place: Place,
    /// Whether it is asked each time if it applies.
    pub conditional: bool,
    /// The names of listeners that it was ordered before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// The names of listeners that it was ordered after.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// The default action of the module in whose place the application put this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overrides: Option<String>,
}

impl ListenerDescription {
    /// The name of a closure, which has none of its own: where it was registered.
    pub(crate) fn name_of_closure(place: Place) -> String {
        format!("closure at {place}")
    }

    /// Its name, unless it is a closure that was given none.
    pub(crate) fn given_name(&self) -> Option<&str> {
        (self.name != Self::name_of_closure(self.place)).then_some(self.name.as_str())
    }
}

/// A place in a source file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[non_exhaustive]
pub struct Place {
    /// The file, as the compiler was given it.
    pub file: &'static str,
    /// The line, from 1.
    pub line: u32,
}

impl Place {
    /// Where the caller of the caller stands.
    #[track_caller]
    pub(crate) fn of_caller() -> Self {
        let location = std::panic::Location::caller();
        Self { file: location.file(), line: location.line() }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

impl Description {
    pub(crate) fn new(core: &Inner) -> Self {
        Self {
            modules: core.modules.iter().map(|(name, _)| *name).collect(),
            events: core.events.iter().map(|event| EventDescription::clone(event)).collect(),
            services: core.services.names(),
        }
    }
}
