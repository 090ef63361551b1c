//! Somebody asks for their own account.

use dullahan_core::Saga;
use serde_json::{Map, Value};

use crate::domain::{Audited, UserId};

/// Somebody asks for their own account. Its default runs [`GetUser`](super::GetUser) and
/// [`SerializeUser`](super::SerializeUser).
#[derive(Debug, Saga)]
#[event(output = Map<String, Value>, preventable, views(dyn Audited))]
pub struct GetAccountSaga {
    /// Whose account it is.
    pub user_id: UserId,
}
