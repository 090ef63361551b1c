//! What is wrong with a body, and where.

use std::fmt;

use dullahan_core::Violation;
use serde::de;

/// A place in a body, as the way to it.
#[derive(Clone, Copy)]
pub(super) enum Place<'p> {
    Root,
    Member(&'p Place<'p>, &'p str),
    Item(&'p Place<'p>, usize),
}

impl Place<'_> {
    /// The place as a JSON Pointer (RFC 6901).
    pub(super) fn pointer(&self) -> String {
        let mut pointer = String::new();
        self.write_to(&mut pointer);
        pointer
    }

    fn write_to(&self, pointer: &mut String) {
        match self {
            Self::Root => {}
            Self::Member(parent, name) => {
                parent.write_to(pointer);
                pointer.push('/');
                pointer.push_str(&name.replace('~', "~0").replace('/', "~1"));
            }
            Self::Item(parent, index) => {
                parent.write_to(pointer);
                pointer.push('/');
                pointer.push_str(&index.to_string());
            }
        }
    }
}

/// What one pass over a body has found.
#[derive(Default)]
pub(super) struct Findings {
    pub(super) violations: Vec<Violation>,
    /// Required members that are missing, each with the place of its object.
    pub(super) absent: Vec<(String, &'static str)>,
}

impl Findings {
    /// Adds a violation, one for each place.
    pub(super) fn add(&mut self, violation: Violation) {
        if self.violations.last().is_none_or(|last| last.pointer() != violation.pointer()) {
            self.violations.push(violation);
        }
    }

    /// Adds a required member that is missing, once.
    pub(super) fn add_absent(&mut self, object: &Place<'_>, name: &'static str) {
        let absent = (object.pointer(), name);
        if !self.absent.contains(&absent) {
            self.absent.push(absent);
        }
    }

    /// The required members that are missing in this object.
    pub(super) fn absent_in(&self, object: &Place<'_>) -> Vec<&'static str> {
        if self.absent.is_empty() {
            return Vec::new();
        }
        let pointer = object.pointer();
        let of_object = self.absent.iter().filter(|(object, _)| *object == pointer);
        of_object.map(|(_, name)| *name).collect()
    }
}

/// Why a type cannot be made of a body.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// The type does not accept the value.
    Refused,
    /// A required member is missing.
    Missing(&'static str),
    /// The findings have the reason.
    Noted,
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the body cannot be read")
    }
}

impl std::error::Error for Unreadable {}

impl de::Error for Unreadable {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Refused
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Missing(name)
    }
}
