//! The head of the response in the making.

use http::{HeaderMap, StatusCode};

/// The head of the response in the making: what a listener wants to add to the bridge's own.
///
/// Without HTTP, in a job say, nobody reads it.
#[derive(Debug, Default, Clone)]
pub struct ResponseHead {
    /// The status, where a listener wants another than the contract's.
    pub status: Option<StatusCode>,
    /// Headers to add, cookies among them.
    pub headers: HeaderMap,
}
