//! What an event is called.

use std::{any::TypeId, collections::HashMap, sync::LazyLock};

use parking_lot::Mutex;

use super::Event;
use crate::path::short;

/// The names of the instances of events with type parameters, each made once in a program's life.
static INSTANCES: LazyLock<Mutex<HashMap<TypeId, &'static str>>> = LazyLock::new(Mutex::default);

/// The name of an event, with its type parameters if it has any.
pub(super) fn of<E: Event>() -> &'static str {
    instance(E::NAME, std::any::type_name::<E>(), TypeId::of::<E>())
}

fn instance(name: &'static str, type_name: &'static str, id: TypeId) -> &'static str {
    let Some(parameters) = parameters(type_name) else { return name };
    let make = || -> &'static str { format!("{name}{}", short(parameters, 1)).leak() };
    INSTANCES.lock().entry(id).or_insert_with(make)
}

/// What stands in the last angle brackets of a path that ends with them, brackets included.
fn parameters(type_name: &str) -> Option<&str> {
    if !type_name.ends_with('>') {
        return None;
    }
    let mut open = 0_usize;
    let mut begin = type_name.rmatch_indices(['<', '>']).filter_map(|(index, bracket)| {
        // The one of `->` opens nothing.
        if bracket == ">" && type_name[..index].ends_with('-') {
            return None;
        }
        open = if bracket == ">" { open + 1 } else { open - 1 };
        (open == 0).then_some(index)
    });
    begin.next().map(|begin| &type_name[begin..])
}

#[cfg(test)]
mod tests {
    use super::parameters;

    #[test]
    fn parameters_are_those_of_the_type_itself() {
        assert_eq!(parameters("a::Find<b::Book>"), Some("<b::Book>"));
        assert_eq!(parameters("a::Find<b::Of<c::Book>, u8>"), Some("<b::Of<c::Book>, u8>"));
        assert_eq!(parameters("a::Find<fn(u8) -> c::Of<u8>>"), Some("<fn(u8) -> c::Of<u8>>"));
        assert_eq!(parameters("<a::B as c::D>::e::Find"), None);
        assert_eq!(parameters("a::Find"), None);
    }
}
