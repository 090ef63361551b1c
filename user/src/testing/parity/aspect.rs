//! What the rows of the table are there to show.

/// What a row of the table is there to show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Aspect {
    /// It succeeds.
    Good,
    /// It comes too late, or somebody else was there before.
    Conflicting,
    /// The session, or what proves it, is not right.
    Unauthorised,
    /// The body is not right.
    Malformed,
    /// The body is about as long as it may be, or longer.
    Oversized,
    /// The body does not say that it is JSON.
    ContentType,
    /// The method is not the route's.
    Method,
    /// `HEAD`.
    OfHead,
    /// `OPTIONS`.
    OfOptions,
    /// The path has a slash at its end.
    TrailingSlash,
    /// Something in the path is encoded.
    PercentEncoding,
    /// The path is otherwise not the route's.
    Path,
    /// A header is there twice.
    DuplicateHeader,
    /// Headers are unusual.
    Head,
}

impl Aspect {
    /// What there has to be a row about for every route.
    pub(super) const ALL: [Self; 14] = [
        Self::Good,
        Self::Conflicting,
        Self::Unauthorised,
        Self::Malformed,
        Self::Oversized,
        Self::ContentType,
        Self::Method,
        Self::OfHead,
        Self::OfOptions,
        Self::TrailingSlash,
        Self::PercentEncoding,
        Self::Path,
        Self::DuplicateHeader,
        Self::Head,
    ];
}

/// Who sends a request, by how their session travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sender {
    Nobody,
    Bearer,
    Cookie,
}
