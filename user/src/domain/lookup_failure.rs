//! What becomes of a password that could not be looked up.

/// What becomes of a password that could not be looked up among the breached ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LookupFailure {
    /// It is accepted, and a warning logged: nobody is kept out because somebody else's service is down.
    #[default]
    LetPass,
    /// It is refused as unavailable for the moment: no password is chosen that nobody has looked up.
    Refuse,
}
