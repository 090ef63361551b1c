//! Which change of an address.

use crate::domain::id::id;

id! {
    /// Which change of an address.
    EmailChangeId
}
