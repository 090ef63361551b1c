//! One thing that is wrong with one member of a request.

use std::{borrow::Cow, collections::BTreeMap};

use serde::Serialize;

/// One thing that is wrong with one member of a request: where, what, and the figures a message needs.
///
/// ```
/// use dullahan_core::Violation;
///
/// let violation = Violation::new("/password", "too_short").with("min", 15);
/// assert_eq!(violation.pointer(), "/password");
/// assert_eq!(violation.params()["min"], "15");
/// ```
///
/// # Rule
///
/// `pointer` is a JSON Pointer into the request's body (RFC 6901), as RFC 9457 shows it in its section 3.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    pointer: Cow<'static, str>,
    code: Cow<'static, str>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    params: BTreeMap<Cow<'static, str>, String>,
}

impl Violation {
    /// A violation of the member at `pointer`, named by a stable `code` that a client can translate.
    ///
    /// Neither may hold the rejected value: it may be a secret, and the caller knows it already.
    pub fn new(pointer: impl Into<Cow<'static, str>>, code: impl Into<Cow<'static, str>>) -> Self {
        Self { pointer: pointer.into(), code: code.into(), params: BTreeMap::new() }
    }

    /// Adds a figure that a message needs, such as the bound that was missed.
    #[must_use]
    pub fn with(mut self, name: impl Into<Cow<'static, str>>, value: impl ToString) -> Self {
        self.params.insert(name.into(), value.to_string());
        self
    }

    /// Where in the request the violation lies, as a JSON Pointer.
    pub fn pointer(&self) -> &str {
        &self.pointer
    }

    /// The stable name of what is wrong.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The figures a message needs.
    pub fn params(&self) -> &BTreeMap<Cow<'static, str>, String> {
        &self.params
    }
}
