//! An error, as far as the rules say what is in it.

use dullahan_core::{Error, ErrorKind};

/// An error, as far as the rules say what is in it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Failure {
    pub(super) fault: ErrorKind,
    pub(super) code: String,
    pub(super) violations: Vec<String>,
    pub(super) origin: Origin,
}

/// Where an error arose.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Origin {
    /// In the listener that is running.
    Here,
    /// In this listener, at the end of this chain of events.
    In(String, Vec<String>),
    /// In none: several have a part in it.
    Nowhere,
}

pub(super) trait Allows {
    fn allows(&self, actual: &Self) -> bool;
}

impl Allows for Result<i64, Failure> {
    fn allows(&self, actual: &Self) -> bool {
        match (self, actual) {
            (Err(Failure { origin: Origin::Nowhere, .. }), Err(actual)) => {
                *self == Err(Failure { origin: Origin::Nowhere, ..actual.clone() })
            }
            _ => self == actual,
        }
    }
}

impl Failure {
    pub(super) fn here(fault: ErrorKind, code: impl Into<String>) -> Self {
        Self { fault, code: code.into(), violations: Vec::new(), origin: Origin::Here }
    }

    pub(super) fn nowhere(fault: ErrorKind, code: &str) -> Self {
        Self { origin: Origin::Nowhere, ..Self::here(fault, code) }
    }

    pub(super) fn invalid(violations: Vec<String>) -> Self {
        Self { violations, ..Self::nowhere(ErrorKind::Invalid, "invalid") }
    }

    /// What it is after these violations: an error that says what else is wrong is added to them, one of
    /// another kind is more important.
    pub(super) fn after(mut self, violations: &[String]) -> Self {
        if self.fault == ErrorKind::Invalid {
            self.violations.splice(0..0, violations.iter().cloned());
        }
        self
    }

    /// A result as it stands in a log.
    pub(super) fn show(result: &Result<i64, Self>) -> String {
        match result {
            Ok(output) => output.to_string(),
            Err(failure) => format!("{} {:?}", failure.code, failure.violations),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let chain = error.chain().iter().map(|event| (*event).to_owned()).collect();
        let origin =
            error.listener().map_or(Origin::Nowhere, |name| Origin::In(name.to_owned(), chain));
        let pointers = error.violations().iter().map(|one| one.pointer().to_owned());
        Self {
            fault: error.kind(),
            code: error.code().to_owned(),
            violations: pointers.collect(),
            origin,
        }
    }
}
