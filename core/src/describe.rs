//! The whole wiring as data.

mod format;
mod markdown;
mod mermaid;
mod name;
mod text;
mod unknown_event;

use serde::Serialize;

pub use self::{
    format::{DescriptionFormat, UnknownFormat},
    unknown_event::UnknownEvent,
};
pub use crate::place::Place;
use crate::{event::Kind, phase_name::PhaseName, priority::Priority, service::Port};

/// The whole wiring of a core, as data.
///
/// It prints as text, and as JSON, Markdown and Mermaid; see [`DescriptionFormat`]. A program shows its own with
/// [`events_command`](crate::command::events_command).
///
/// ```
/// use dullahan_core::{Before, Core, DefaultAction, Event, ListenerOptions as _, Priority};
///
/// #[derive(Event)]
/// #[event(output = String, preventable)]
/// struct Greet;
///
/// let mut core = Core::builder();
/// core.declare::<Greet>().default((|_: DefaultAction<'_, Greet>| Ok("Hello".to_owned())).named("say_hello"));
/// core.event::<Greet>().before((|_: Before<'_, Greet>| Ok(())).priority(Priority::FIRST).named("captcha"));
/// let core = core.build()?;
///
/// let names: Vec<_> =
///     core.describe().events[0].listeners.iter().map(|listener| listener.name.clone()).collect();
/// assert_eq!(names, ["captcha", "say_hello"]);
///
/// println!("{}", core.describe());
/// println!("{}", core.describe().only("Greet")?.to_mermaid());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct Description {
    /// The modules, in the order in which they were added.
    pub modules: Vec<&'static str>,
    /// The events, in the order in which they were declared.
    pub events: Vec<EventDescription>,
    /// The ports that have a service, sorted.
    pub services: Vec<&'static str>,
    /// The services that stand in the place of others.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub overridden: Vec<OverriddenService>,
}

/// A service that stands in the place of another one.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct OverriddenService {
    /// Its port.
    pub port: &'static str,
    /// The module that put it there.
    pub module: &'static str,
    /// Where that was done.
    pub place: Place,
}

/// A listener that was taken away.
#[derive(Debug, Clone, Serialize)]
#[non_exhaustive]
pub struct RemovedListener {
    /// Its name.
    pub name: String,
    /// The phase it listened to.
    pub phase: PhaseName,
    /// The module that took it away.
    pub module: &'static str,
    /// Where that was done.
    pub place: Place,
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
    /// Whether a process is run again when its unit of work lost against another one.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub repeatable: bool,
    /// Whether a step whose default was prevented may go without an output.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skippable: bool,
    /// The module that declares it.
    pub module: &'static str,
    /// Where it is declared.
    pub place: Place,
    /// Whatever runs, in the order in which it runs, the default action in its place.
    pub listeners: Vec<ListenerDescription>,
    /// The listeners that were taken away.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub removed: Vec<RemovedListener>,
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
    /// The ports that it asks for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ports: Vec<Port>,
    /// The names of listeners that it was ordered before.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub before: Vec<String>,
    /// The names of listeners that it was ordered after.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub after: Vec<String>,
    /// The default action of the module, or the listener, in whose place the application put this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub overrides: Option<String>,
    /// Whether it listens to every event of a kind or of a module.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_for_every: bool,
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

    /// What else there is to say of it, in words, with names in the way of the format: the module that registered
    /// it if that is not the one of the event, what it overrides, its condition, its order by name.
    fn notes(&self, event: &EventDescription, shown: impl Fn(&str) -> String) -> Vec<String> {
        let mut notes = Vec::new();
        if self.module != event.module {
            notes.push(format!("by {}", shown(self.module)));
        }
        if let Some(overridden) = &self.overrides {
            notes.push(format!("in the place of {}", shown(overridden)));
        }
        if self.is_for_every {
            notes.push("listens to every one".to_owned());
        }
        if self.conditional {
            notes.push("on a condition".to_owned());
        }
        notes.extend(self.before.iter().map(|other| format!("ordered before {}", shown(other))));
        notes.extend(self.after.iter().map(|other| format!("ordered after {}", shown(other))));
        notes
    }

    /// [`notes`](Self::notes), and the ports that it asks for.
    fn all_notes(&self, event: &EventDescription, shown: impl Fn(&str) -> String) -> String {
        let mut notes = self.notes(event, &shown);
        if !self.ports.is_empty() {
            let ports: Vec<_> = self.ports.iter().map(|port| shown(port.name())).collect();
            notes.push(format!("asks for {}", ports.join(", ")));
        }
        notes.join("; ")
    }
}

impl RemovedListener {
    /// What was taken away, in words, with names in the way of the format.
    fn in_words(&self, shown: impl Fn(&str) -> String) -> String {
        let (phase, module) = (self.phase.as_str(), shown(self.module));
        format!("{} ({phase}) was taken away by {module} at {}", shown(&self.name), self.place)
    }
}

impl OverriddenService {
    /// Who put it there, in words, with names in the way of the format.
    fn in_words(&self, shown: impl Fn(&str) -> String) -> String {
        format!("{} is overridden by {} at {}", shown(self.port), shown(self.module), self.place)
    }
}

impl EventDescription {
    /// What it is, in words.
    fn nature(&self) -> String {
        let mut nature = self.kind.as_str().to_owned();
        let is_preventable = self.preventable && !self.skippable;
        for (holds, word) in [
            (is_preventable, ", preventable"),
            (self.skippable, ", skippable"),
            (self.repeatable, ", repeatable"),
        ] {
            if holds {
                nature.push_str(word);
            }
        }
        nature
    }
}

impl Description {
    /// One event alone, by its name or by the last parts of the path of its type, with the modules and the
    /// services that have to do with it. If several events have the name, all of them.
    ///
    /// # Errors
    ///
    /// When no event has the name; the error lists those that are near.
    pub fn only(&self, event: &str) -> Result<Self, UnknownEvent> {
        let tail = format!("::{event}");
        let is_wanted = |one: &&EventDescription| {
            one.name == event || one.type_name == event || one.type_name.ends_with(&tail)
        };
        let events: Vec<_> = self.events.iter().filter(is_wanted).cloned().collect();
        if events.is_empty() {
            return Err(UnknownEvent::new(event, self.events.iter().map(|one| one.name)));
        }
        let has_to_do = |module: &&&str| {
            let listeners = events.iter().flat_map(|event| &event.listeners);
            let mut modules =
                listeners.map(|one| one.module).chain(events.iter().map(|one| one.module));
            modules.any(|one| one == **module)
        };
        let is_asked_for = |service: &&&str| {
            let listeners = events.iter().flat_map(|event| &event.listeners);
            listeners.flat_map(|one| &one.ports).any(|port| port.name() == **service)
        };
        Ok(Self {
            modules: self.modules.iter().filter(has_to_do).copied().collect(),
            services: self.services.iter().filter(is_asked_for).copied().collect(),
            overridden: self
                .overridden
                .iter()
                .filter(|one| is_asked_for(&&one.port))
                .cloned()
                .collect(),
            events,
        })
    }
}
