//! What keeps one client from asking too often.

use std::net::IpAddr;

use crate::domain::{Attempt, AttemptKey, ClientAction};

/// Counts what client addresses do, in memory: each instance of the service by itself.
pub trait AddressThrottle: Send + Sync + 'static {
    /// Counts an action, and says whether it may be done.
    fn count(&self, address: IpAddr, action: ClientAction) -> Attempt;

    /// The same, but an action with a key that was counted before is not counted again.
    fn count_once(&self, address: IpAddr, action: ClientAction, key: &AttemptKey) -> Attempt;

    /// Says whether the action may be done, and counts nothing: failures are counted once they have happened.
    fn check(&self, address: IpAddr, action: ClientAction) -> Attempt;
}
