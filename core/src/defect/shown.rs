//! A defect as text: what is wrong, where, and what to do.

use std::fmt;

use super::{Defect, missing_service::missing_service};
use crate::{near::near, place::Place};

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
