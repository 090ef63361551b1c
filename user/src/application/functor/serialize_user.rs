//! A user as a client sees it.

use dullahan_core::{DefaultAction, Result};
use serde_json::{Map, Value, json};
use time::format_description::well_known::Rfc3339;

use crate::{domain::Role, presentation::event::transport::SerializeUser};

/// Writes a user as a client sees it.
///
/// # Errors
///
/// When a time cannot be written.
pub fn serialize_user(ev: DefaultAction<'_, SerializeUser>) -> Result<Map<String, Value>> {
    let user = &ev.user;
    let members = [
        ("id", json!(user.id.to_string())),
        ("email", json!(user.email.as_str())),
        ("display_name", json!(user.display_name.as_ref().map(|name| name.as_str()))),
        ("locale", json!(user.locale.as_ref().map(|locale| locale.as_str()))),
        ("status", json!(user.status.as_str())),
        ("roles", json!(user.roles.iter().map(Role::as_str).collect::<Vec<_>>())),
        ("created_at", json!(user.created_at.format(&Rfc3339)?)),
    ];
    Ok(members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}
