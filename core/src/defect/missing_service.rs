//! Ports that listeners ask for and nothing provides.

use std::fmt;

use crate::path::short;
use crate::place::Place;

/// How many of the listeners that ask for a missing service are named.
const NAMED: usize = 3;

/// Where the service of a port comes from: what a module says with [`expects`](crate::CoreBuilder::expects).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct ProvidedBy {
    /// The crate, as it is called in a `Cargo.toml`.
    pub package: &'static str,
    /// What an application adds to its builder: `.module(my_stores::module(store))`.
    pub line: &'static str,
}

impl ProvidedBy {
    /// A line of this crate's, to be added to a builder.
    pub const fn new(package: &'static str, line: &'static str) -> Self {
        Self { package, line }
    }
}

impl fmt::Display for ProvidedBy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { package, line } = self;
        write!(f, "add `{line}` to the builder; it comes from the crate `{package}`")
    }
}

/// A listener that asks for a service.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct AskedBy {
    /// The listener.
    pub listener: String,
    /// The event it listens to.
    pub event: &'static str,
    /// Where it was registered.
    pub place: Place,
}

/// Writes what is missing, the first of those that ask for it, and what to do.
pub(super) fn missing_service(
    f: &mut fmt::Formatter<'_>,
    ports: &[&str],
    asked_by: &[AskedBy],
    provided_by: Option<ProvidedBy>,
) -> fmt::Result {
    let them = if ports.len() == 1 { "it" } else { "them" };
    let names: Vec<_> = ports.iter().map(|port| format!("`{port}`")).collect();
    write!(f, "nothing provides {}", names.join(", "))?;
    for AskedBy { listener, event, place } in asked_by.iter().take(NAMED) {
        write!(f, "\n   {place}: `{listener}` on `{event}` asks for {them}")?;
    }
    match asked_by.len().saturating_sub(NAMED) {
        0 => {}
        1 => f.write_str("\n   and 1 more listener")?,
        more => write!(f, "\n   and {more} more listeners")?,
    }
    match (provided_by, ports) {
        (Some(provided_by), _) => write!(f, "\n   {provided_by}"),
        (None, ports) => ports.iter().try_for_each(|port| {
            let port = short(port, 1);
            write!(f, "\n   add `.provide::<{port}>(Arc::new(..))` to the builder")
        }),
    }
}
