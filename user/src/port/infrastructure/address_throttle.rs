//! What keeps one client from asking too often.

use std::net::IpAddr;

use crate::domain::Attempt;

/// Counts tries of client addresses, in memory: each instance of the service by itself.
pub trait AddressThrottle: Send + Sync + 'static {
    /// Counts a try, and says whether it may be made.
    fn count(&self, address: IpAddr) -> Attempt;
}
