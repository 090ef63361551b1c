//! The identifier of a user.

use crate::domain::id::id;

id! {
    /// The identifier of a user; stays with the account for good, whatever else of it changes.
    UserId
}
