//! Names, as they are shown.

use super::{EventDescription, ListenerDescription};
use crate::path::short;

/// The last parts of the path of a listener, or all of it if another listener of the event has the same last
/// parts; a closure is where it was registered.
pub(super) fn of_listener(
    listener: &ListenerDescription,
    event: &EventDescription,
    parts: usize,
) -> String {
    let Some(name) = listener.given_name() else {
        let (file, line) = (listener.place.file, listener.place.line);
        let file = file.rsplit(['/', '\\']).next().unwrap_or(file);
        return format!("closure at {file}:{line}");
    };
    let last = short(name, parts);
    let mut others = event.listeners.iter().filter(|other| other.name != name);
    if others.any(|other| short(&other.name, parts) == last) {
        return on_one_line(name);
    }
    on_one_line(&last)
}

/// A name that takes one line, whatever is in it.
pub(super) fn on_one_line(name: &str) -> String {
    name.replace(char::is_control, " ")
}

/// So many of something.
pub(super) fn count(number: usize, what: &str) -> String {
    format!("{number} {what}{}", if number == 1 { "" } else { "s" })
}
