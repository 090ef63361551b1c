//! What remains of an account that its owner has removed.

/// What remains of an account that its owner has removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum RemovalPolicy {
    /// The row, without anything personal, so that what refers to it still does. It is deactivated for good, and
    /// its address is free again.
    #[default]
    Anonymise,
    /// Nothing: the row goes, and all rows of the module that refer to it. An application's own rows decide by
    /// their foreign keys.
    Erase,
}
