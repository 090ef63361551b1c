//! The error of reading back an enum that a store keeps as a word.

/// The word is none of those that the type has.
///
/// It comes from a store that a newer version has written to, or from a column edited by hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a known name")]
pub struct UnknownName;
