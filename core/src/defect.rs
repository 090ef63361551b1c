//! What can be wrong with a wiring.

mod missing_service;

use std::fmt;

use self::missing_service::missing_service;
pub use self::missing_service::{AskedBy, ProvidedBy};
use crate::{near::near, phase_name::PhaseName, place::Place};

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

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TwoDefaults { event, first, second } => write!(
                f,
                "`{event}` has two default actions\n   {}: {}\n   {}: {}\n   \
                 remove one; to replace a module's on purpose, register yours with `override_default`",
                first.1, first.0, second.1, second.0
            ),
            Self::NoDefault { event, place } => write!(
                f,
                "`{event}` is preventable and has no default action\n   {place}: declared here\n   \
                 add `.default(..)`, or drop `preventable` from the event",
            ),
            Self::NothingToOverride { event, action, place } => write!(
                f,
                "`{event}` has no default action that `{action}` could override\n   {place}: registered here\n   \
                 use `default` instead, or add the module that has one",
            ),
            Self::UndeclaredEvent { event, listeners } => {
                writeln!(f, "no module declares `{event}`, to which listeners were registered")?;
                for (listener, place) in listeners {
                    writeln!(f, "   {place}: {listener}")?;
                }
                write!(
                    f,
                    "   add the module that owns the event; if it is yours, use `core.declare::<{event}>()`; \
                     if it may be missing, add `.optional()`",
                )
            }
            Self::NoSuchEvents { module, view, listener, modules, place } => {
                write!(f, "`{listener}` listens to every event")?;
                if let Some(module) = module {
                    write!(f, " of the module `{module}`")?;
                }
                if let Some(view) = view {
                    write!(f, " with the view `{view}`")?;
                }
                write!(
                    f,
                    ", and there is none\n   {place}: registered here\n   the modules with events are: {}",
                    modules.join(", ")
                )
            }
            Self::NoListenerToRemove { event, wanted, known, place } => write!(
                f,
                "`{event}` has no single listener named `{wanted}` to take away or to replace\n   \
                 {place}: here\n   {}",
                near_names(wanted, known)
            ),
            Self::NoServiceToOverride { port, place } => write!(
                f,
                "`{port}` has no service that could be overridden\n   {place}: here\n   \
                 use `provide` instead, or add the module that provides one",
            ),
            Self::EventDeclaredTwice { event, first, second } => write!(
                f,
                "`{event}` is declared twice\n   {first}: here\n   {second}: and here\n   \
                 use `core.event::<{event}>()` to listen to an event that is declared already",
            ),
            Self::MissingService { ports, asked_by, provided_by } => {
                missing_service(f, ports, asked_by, *provided_by)
            }
            Self::ServiceTwice { port, first, second } => write!(
                f,
                "`{port}` is provided twice\n   {first}: here\n   {second}: and here\n   remove one",
            ),
            Self::ListenerTwice { event, phase, listener, first, second } => write!(
                f,
                "`{listener}` is registered twice, to `{event}`, phase {}\n   {first}: here\n   \
                 {second}: and here\n   remove one; if both are meant, give one a name with `.named(\"..\")`",
                phase.as_str()
            ),
            Self::UnknownListener { event, phase, listener, wanted, ambiguous, known, place } => {
                let why =
                    if *ambiguous { "which several listeners have" } else { "which nobody has" };
                write!(
                    f,
                    "`{listener}` on `{event}`, phase {}, is ordered by the name `{wanted}`, {why}\n   \
                     {place}: registered here\n   the names are: {}",
                    phase.as_str(),
                    known.join(", ")
                )
            }
            Self::OrderingCycle { event, phase, cycle, place } => write!(
                f,
                "the listeners of `{event}`, phase {}, are ordered in a circle: {} > {}\n   \
                 {place}: one of them is registered here\n   remove one of these orders",
                phase.as_str(),
                cycle.join(" > "),
                cycle.first().map_or("", String::as_str)
            ),
            Self::ModuleTwice { module, first, second } => write!(
                f,
                "the module `{module}` is added twice\n   {first}: here\n   {second}: and here\n   remove one",
            ),
            Self::NoUnitOfWork { process, place, provided_by } => {
                write!(
                    f,
                    "`{process}` is a process, and nothing gives it a unit of work\n   \
                     {place}: declared here\n   "
                )?;
                match provided_by {
                    Some(provided_by) => write!(f, "{provided_by}"),
                    None => f.write_str(
                        "add `.units_of_work(..)` to the builder, with the one of your database's bridge",
                    ),
                }
            }
            Self::NothingLinked { path, anchor, linked, place } => {
                nothing_linked(f, path, *anchor, linked, *place)
            }
            Self::MaxDepth { max_depth, greatest, place } => write!(
                f,
                "events cannot be nested {max_depth} deep: no more than {greatest} fit on the stack of a thread\n   \
                 {place}: asked for here\n   \
                 ask for {greatest} at most; what goes on without end belongs into a loop or into a spawned task"
            ),
            Self::TooManyWraps { event, wraps, most, place } => write!(
                f,
                "`{event}` has {wraps} wraps, and no more than {most} can be nested\n   \
                 {place}: declared here\n   \
                 make one wrap of several, or raise `max_depth`, of which each allows for four"
            ),
            Self::Reported { module, problem, place } => {
                write!(f, "`{module}` cannot be set up: {problem}\n   {place}: found here")
            }
        }
    }
}

/// The names that are near, or all that there are.
fn near_names(wanted: &str, known: &[String]) -> String {
    let near = near(wanted, known.iter().map(String::as_str));
    match (near.is_empty(), known.is_empty()) {
        (false, _) => format!("near it are: {}", near.join(", ")),
        (true, false) => format!("the names are: {}", known.join(", ")),
        (true, true) => "it has no listener but its default action".to_owned(),
    }
}

fn nothing_linked(
    f: &mut fmt::Formatter<'_>,
    path: &str,
    anchor: Option<Place>,
    linked: &[&str],
    place: Place,
) -> fmt::Result {
    write!(f, "no linked listener was found in `{path}`\n   {place}: to be discovered here\n   ")?;
    if let Some(anchor) = anchor {
        return write!(
            f,
            "{anchor}: its anchor\n   put the anchor into the root of the crate that has the `#[listener]` functions; \
             if it stands there, the linker dropped them: link the crate whole, or register them by hand"
        );
    }
    let crate_name = path.split("::").next().unwrap_or_default();
    if linked.contains(&crate_name) {
        return write!(
            f,
            "`{crate_name}` is linked, but has its `#[listener]` functions in other modules"
        );
    }
    write!(
        f,
        "if `{crate_name}` has `#[listener]` functions, it is not linked, because nothing in this program names it: \
         add `use {crate_name} as _;`, or give it a `link_anchor!()` and use `discover_from`\n   \
         crates with linked listeners: {}",
        if linked.is_empty() { "none".to_owned() } else { linked.join(", ") }
    )
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
