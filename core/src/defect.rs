//! What can be wrong with a wiring.

mod missing_service;
mod shown;

use std::fmt;

pub use self::missing_service::{AskedBy, ProvidedBy};
use crate::{phase_name::PhaseName, place::Place};

/// Everything that is wrong with a wiring, found when it was to be sealed.
///
/// Its `Debug` reads as its `Display` does, since that is what a `main` prints that returns it.
pub struct BuildError {
    defects: Vec<Defect>,
}

impl BuildError {
    pub(crate) fn new(defects: Vec<Defect>) -> Self {
        Self { defects }
    }

    /// The defects, in the order in which they were found.
    pub fn defects(&self) -> &[Defect] {
        &self.defects
    }
}

impl std::error::Error for BuildError {}

impl fmt::Debug for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for BuildError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = self.defects.len();
        let plural = if count == 1 { "" } else { "s" };
        write!(f, "the wiring has {count} defect{plural}:")?;
        for (index, defect) in self.defects.iter().enumerate() {
            write!(f, "\n\n{}. {defect}", index + 1)?;
        }
        Ok(())
    }
}

/// One thing that is wrong with a wiring. It prints as what, where, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Defect {
    /// An event has two default actions, or two overrides.
    TwoDefaults {
        /// The event.
        event: &'static str,
        /// The one that was registered first, and where.
        first: (String, Place),
        /// The other one, and where.
        second: (String, Place),
    },
    /// A preventable event has no default action.
    NoDefault {
        /// The event.
        event: &'static str,
        /// Where it is declared.
        place: Place,
    },
    /// A default action is to be overridden where there is none.
    NothingToOverride {
        /// The event.
        event: &'static str,
        /// The default action that was to override one.
        action: String,
        /// Where it was registered.
        place: Place,
    },
    /// Listeners listen to an event that no module declares.
    UndeclaredEvent {
        /// The event.
        event: &'static str,
        /// The listeners, each with the place where it was registered.
        listeners: Vec<(String, Place)>,
    },
    /// A listener to every event of a module, or with a view, listens to none.
    NoSuchEvents {
        /// The module, if one was named.
        module: Option<String>,
        /// The path of the view, if one was named.
        view: Option<&'static str>,
        /// The listener.
        listener: String,
        /// The modules that declare events.
        modules: Vec<&'static str>,
        /// Where the listener was registered.
        place: Place,
    },
    /// A listener is to be taken away, or another one put into its place, that is not there.
    NoListenerToRemove {
        /// The event.
        event: &'static str,
        /// The name that no listener has, or that several have.
        wanted: String,
        /// The names of the listeners that are there.
        known: Vec<String>,
        /// Where it was to be taken away.
        place: Place,
    },
    /// A service is to stand in the place of one that nobody provides.
    NoServiceToOverride {
        /// The port.
        port: &'static str,
        /// Where it was to be overridden.
        place: Place,
    },
    /// An event is declared twice.
    EventDeclaredTwice {
        /// The event.
        event: &'static str,
        /// The first place.
        first: Place,
        /// The second place.
        second: Place,
    },
    /// Listeners ask for a port that has no service; for several ports, if one line would provide them all.
    MissingService {
        /// The ports.
        ports: Vec<&'static str>,
        /// The listeners that ask.
        asked_by: Vec<AskedBy>,
        /// The line that provides them, if a module says so.
        provided_by: Option<ProvidedBy>,
    },
    /// A port has two services.
    ServiceTwice {
        /// The port.
        port: &'static str,
        /// The first place.
        first: Place,
        /// The second place.
        second: Place,
    },
    /// A listener was registered twice to one phase of an event.
    ListenerTwice {
        /// The event.
        event: &'static str,
        /// The phase.
        phase: PhaseName,
        /// The listener.
        listener: String,
        /// The first place.
        first: Place,
        /// The second place.
        second: Place,
    },
    /// A listener is to run before or after one that is not there.
    UnknownListener {
        /// The event.
        event: &'static str,
        /// The phase.
        phase: PhaseName,
        /// The listener that is to be ordered.
        listener: String,
        /// The name that was not found.
        wanted: String,
        /// Whether several listeners have it.
        ambiguous: bool,
        /// The names that are there.
        known: Vec<String>,
        /// Where the listener was registered.
        place: Place,
    },
    /// Listeners are to run before one another in a circle.
    OrderingCycle {
        /// The event.
        event: &'static str,
        /// The phase.
        phase: PhaseName,
        /// The circle.
        cycle: Vec<String>,
        /// Where one of them was registered.
        place: Place,
    },
    /// A module was added twice.
    ModuleTwice {
        /// The module.
        module: &'static str,
        /// The first place.
        first: Place,
        /// The second place.
        second: Place,
    },
    /// There are processes, and nothing gives them units of work.
    NoUnitOfWork {
        /// A process.
        process: &'static str,
        /// Where it is declared.
        place: Place,
        /// The line that provides them, if a module says so.
        provided_by: Option<ProvidedBy>,
    },
    /// Linked listeners were to be discovered where there are none.
    NothingLinked {
        /// The crate or module.
        path: String,
        /// Where its anchor stands, if it was to be discovered from one.
        anchor: Option<Place>,
        /// The crates that have linked listeners.
        linked: Vec<&'static str>,
        /// Where they were to be discovered.
        place: Place,
    },
    /// Events were to be nested deeper than the stack of a thread allows.
    MaxDepth {
        /// How deep.
        max_depth: usize,
        /// The most that is allowed.
        greatest: usize,
        /// Where that was said.
        place: Place,
    },
    /// An event has so many wraps that its default action would be nested too deeply.
    TooManyWraps {
        /// The event.
        event: &'static str,
        /// How many it has.
        wraps: usize,
        /// How many are allowed.
        most: usize,
        /// Where the event is declared.
        place: Place,
    },
    /// A module found something wrong with its own set-up.
    Reported {
        /// The module.
        module: &'static str,
        /// What is wrong.
        problem: String,
        /// Where the module reported it.
        place: Place,
    },
}

#[cfg(test)]
mod tests {
    use super::{BuildError, Defect};

    #[test]
    fn a_main_that_returns_the_error_prints_the_report() {
        let error = BuildError::new(vec![Defect::Reported {
            module: "a",
            problem: "b".to_owned(),
            place: crate::describe::Place::of_caller(),
        }]);
        assert_eq!(format!("{error:?}"), error.to_string());
        assert!(error.to_string().starts_with("the wiring has 1 defect:\n\n1. "), "{error}");
    }
}
