//! Names, as they are shown.

use super::{EventDescription, ListenerDescription};

/// The last parts of every path in a name: with one part it is `Cached<User>` for
/// `shop::Cached<shop::model::User>`.
pub(super) fn short(name: &str, parts: usize) -> String {
    let mut short = String::with_capacity(name.len());
    // Where the parts begin of the path that is being read.
    let mut begins = vec![0];
    let mut rest = name.chars().peekable();
    while let Some(letter) = rest.next() {
        short.push(letter);
        if letter == ':' && rest.next_if_eq(&':').is_some() {
            short.push(':');
            begins.push(short.len());
            if begins.len() > parts {
                let dropped = begins[0]..begins[1];
                begins.remove(0);
                begins.iter_mut().for_each(|begin| *begin -= dropped.len());
                short.replace_range(dropped, "");
            }
        } else if !letter.is_alphanumeric() && letter != '_' {
            begins = vec![short.len()];
        }
    }
    short
}

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
